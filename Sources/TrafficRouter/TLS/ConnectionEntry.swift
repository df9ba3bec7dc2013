import NIOCore
import NIOTLS

/// Waits until it is known what a new connection speaks, puts the handler for it in its own place, and leaves.
///
/// Until then the connection is looked after here: it counts among the worker's, and everything before the first
/// request (the PROXY header, the first bytes) must be done within `headTimeout`, with TLS within `handshakeTimeout`.
final class ConnectionEntry: ChannelInboundHandler, RemovableChannelHandler, RoutedConnection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    enum Language {
        case http1, http2
    }

    private let worker: Worker
    private let isTLS: Bool
    private let makeHandler: (Language, PeerAddress?) -> any ChannelHandler
    private var context: ChannelHandlerContext?
    private var peer: PeerAddress?
    private var input = ByteBuffer()
    private var isOver = false
    var place = -1
    private let began = NIODeadline.now()

    /// - Parameter makeHandler: makes the handler for the rest of the connection.
    init(worker: Worker, isTLS: Bool, makeHandler: @escaping (Language, PeerAddress?) -> any ChannelHandler) {
        self.worker = worker
        self.isTLS = isTLS
        self.makeHandler = makeHandler
    }

    /// A trusted balancer has told where the connection comes from.
    func setSource(_ text: String?) {
        guard let text else { return }
        peer = PeerAddress(text: text, trusted: worker.table.trustedProxies)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { register(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        register(context)
        context.fireChannelActive()
    }

    private func register(_ context: ChannelHandlerContext) {
        if !worker.register(self) { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        worker.unregister(self)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        worker.unregister(self)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated) = event as? TLSUserEvent, isTLS {
            enter(negotiated == "h2" ? .http2 : .http1, context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver, !isTLS else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        if let language = Self.language(input) { enter(language, context) }
    }

    /// What begins so; `nil` if more bytes are needed. HTTP/2 without TLS begins with a preface that is no HTTP/1
    /// request (RFC 9113, section 3.3).
    static func language(_ received: ByteBuffer) -> Language? {
        let input = received.readableBytesUInt8Span
        let preface: StaticString = "PRI * HTTP/2.0\r\n"
        let count = min(input.count, preface.utf8CodeUnitCount)
        for index in 0..<count where input[index] != preface.utf8Start[index] { return .http1 }
        return count == preface.utf8CodeUnitCount ? .http2 : nil
    }

    private func enter(_ language: Language, _ context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        // Before the next handler registers itself, so that it is not counted twice.
        worker.unregister(self)
        worker.counters.connections.accepted -= 1
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(makeHandler(language, peer), position: .after(self))
        } catch {
            return context.close(promise: nil)
        }
        if input.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(input))
            context.fireChannelReadComplete()
        }
        input = ByteBuffer()
        pipeline.removeHandler(context: context, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A handshake that fails: who scans ports or has no common version need not be heard of one by one.
        if isTLS, !isOver { worker.counters.connections.handshakeFailures["failed", default: 0] += 1 }
        context.close(promise: nil)
    }

    // MARK: RoutedConnection

    func sweep(now: NIODeadline) {
        guard now - began > (isTLS ? worker.limits.handshakeTimeout : worker.limits.headTimeout) else { return }
        if isTLS { worker.counters.connections.handshakeFailures["timeout", default: 0] += 1 }
        worker.counters.limits["head_timeout", default: 0] += 1
        close()
    }

    func closeWhenIdle() { if worker.mayLeave(idleSince: began) { close() } }
    func close() { context?.close(promise: nil) }
}
