import AsyncHTTPClient
import NIOCore

extension HTTPClientResponse {
    /// The whole body in a time of its own: the client's deadline ends with the head, and a body that stalls would be
    /// waited for without end.
    ///
    /// - Throws: `HTTPClientError.deadlineExceeded`; `NIOTooManyBytesError` above `bytes`.
    func wholeBody(upTo bytes: Int, within limit: Duration) async throws -> ByteBuffer {
        try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            group.addTask { try await body.collect(upTo: bytes) }
            group.addTask {
                try await Task.sleep(for: limit)
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ByteBuffer()
        }
    }
}
