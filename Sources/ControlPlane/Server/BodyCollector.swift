import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Takes a response body whole, for answers that are remembered.
final class BodyCollector: ResponseBodyWriter, Sendable {
    private let buffer = Mutex(ByteBuffer())

    var bytes: ByteBuffer { buffer.withLock { $0 } }

    func write(_ part: ByteBuffer) async throws {
        buffer.withLock { $0.writeImmutableBuffer(part) }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
