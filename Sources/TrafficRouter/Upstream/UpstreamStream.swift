import NIOCore

/// The side of an exchange that faces an instance: one HTTP/1 connection, or one HTTP/2 stream.
///
/// Abstract, and a class for the same reason as `ClientStream`. Lives on one event loop.
class UpstreamStream {
    let worker: Worker
    let instance: LiveInstance
    final var exchange: Exchange?

    init(worker: Worker, instance: LiveInstance, exchange: Exchange?) {
        self.worker = worker
        self.instance = instance
        self.exchange = exchange
    }

    var isActive: Bool { preconditionFailure("abstract") }
    var isWritable: Bool { preconditionFailure("abstract") }
    /// Whether an earlier exchange was carried; only then may a close before the answer mean that the instance had let
    /// an idle connection go.
    var isReused: Bool { preconditionFailure("abstract") }
    /// The instance has said that it did nothing with the request, so that any may be sent again.
    var wasUntouched: Bool { false }
    /// The instance has as many requests under way as it takes.
    var waitsForRoom: Bool { false }
    /// The answer tells in a field of its own, and not by its status, that the instance failed.
    var tellsFailure: Bool { false }

    /// - Parameter isChunked: the request has a body of unknown length.
    func sendHead(_ head: RequestHead, _ origin: RequestOrigin) { preconditionFailure("abstract") }
    func sendBody(_ buffer: ByteBuffer) { preconditionFailure("abstract") }
    func sendEnd(trailers: [TrailerField]) { preconditionFailure("abstract") }
    func flush() { preconditionFailure("abstract") }

    /// The client takes more of the answer.
    func resumeReading() { preconditionFailure("abstract") }

    /// The exchange is over. Used again when both sides are at a message border and want it.
    func release(reusable: Bool) { preconditionFailure("abstract") }

    /// The exchange has no more interest, whatever state it is in.
    func abandon() { preconditionFailure("abstract") }

    /// The protocol was switched: bytes go through as they are.
    func beginTunnel() { preconditionFailure("abstract") }
}
