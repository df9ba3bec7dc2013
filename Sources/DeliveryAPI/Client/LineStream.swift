import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The lines of an answer as they arrive, without their line ends.
public struct LineStream: AsyncSequence, Sendable {
    public typealias Element = String
    let body: HTTPClientResponse.Body
    let url: String

    public func makeAsyncIterator() -> Iterator { Iterator(chunks: body.makeAsyncIterator(), url: url) }

    public struct Iterator: AsyncIteratorProtocol {
        var chunks: HTTPClientResponse.Body.AsyncIterator
        let url: String
        var buffer = ByteBuffer()
        var ended = false

        init(chunks: HTTPClientResponse.Body.AsyncIterator, url: String) {
            self.chunks = chunks
            self.url = url
        }

        /// - Throws: `ControlPlaneUnreachable` when the connection breaks, `UnreadableAnswer` for a line over 1 MiB.
        public mutating func next() async throws -> String? {
            while true {
                if let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
                    var line = buffer.readString(length: end - buffer.readerIndex) ?? ""
                    buffer.moveReaderIndex(forwardBy: 1)
                    buffer.discardReadBytes()
                    if line.hasSuffix("\r") { line.removeLast() }
                    return line
                }
                guard !ended else {
                    return buffer.readableBytes == 0 ? nil : buffer.readString(length: buffer.readableBytes)
                }
                guard buffer.readableBytes <= ClientLimits.lineBytes else {
                    throw UnreadableAnswer(message: "expected lines of at most 1 MiB from \(url), found a longer one")
                }
                do {
                    guard let chunk = try await chunks.next() else {
                        ended = true
                        continue
                    }
                    buffer.writeImmutableBuffer(chunk)
                } catch {
                    throw TransportFailure.translate(error, url: url)
                }
            }
        }
    }
}

extension ControlPlaneClient {
    func lines(_ request: HTTPClientRequest, within timeout: TimeAmount?) async throws -> LineStream {
        let response = try await execute(request, within: timeout)
        guard (200..<300).contains(Int(response.status.code)) else {
            _ = try await body(of: response)
            throw UnreadableAnswer(message: "unexpected status \(response.status.code) from \(request.url)")
        }
        return LineStream(body: response.body, url: location.url)
    }
}
