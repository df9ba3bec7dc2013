import AsyncHTTPClient
import NIOCore

extension HTTPClientResponse {
    /// The whole body before the deadline that the head was waited for with: the client's ends with the head, and a
    /// body that stalls would be waited for without end.
    ///
    /// - Throws: `HTTPClientError.deadlineExceeded`; `NIOTooManyBytesError` above `bytes`.
    func wholeBody(upTo bytes: Int, before deadline: NIODeadline) async throws -> ByteBuffer {
        try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            group.addTask { try await body.collect(upTo: bytes) }
            group.addTask {
                try await Task.sleep(for: max(.zero, Duration(deadline - .now())))
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ByteBuffer()
        }
    }
}
