import NIOCore

/// Limits that are not the usual ones; apart, since every connection has room for a reference to them.
final class OwnHTTP2Limits {
    let limits: HTTP2Limits
    init(_ limits: HTTP2Limits) { self.limits = limits }
}

/// HTTP/2 without TLS: a client that knows beforehand that it is spoken here begins with a preface that is no HTTP/1
/// request (RFC 9113, section 3.3).
extension HTTP1Connection: RemovableChannelHandler {
    /// Whether the bytes that make no request are that preface.
    var isHTTP2: Bool { isUnknown && ConnectionEntry.language(input) == .http2 }

    /// Gives the connection to a handler that speaks HTTP/2, and leaves.
    func enterHTTP2() {
        guard let context else { return }
        let bytes = input
        input = ByteBuffer()
        // Before the next handler registers itself, so that it is not counted twice.
        worker.unregister(self)
        worker.counters.connections.accepted -= 1
        let limits = http2?.limits ?? HTTP2Limits().setting(worker.limits)
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(
                HTTP2Connection(worker: worker, limits: limits, scheme: scheme), position: .after(self))
        } catch {
            return context.close(promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(bytes))
        context.fireChannelReadComplete()
        pipeline.removeHandler(context: context, promise: nil)
    }
}
