import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection to an instance: carries one exchange at a time, and waits in the pool in between.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    let instance: LiveInstance
    private let worker: Worker
    private var context: ChannelHandlerContext?
    private var exchange: Exchange?
    /// Whether an earlier exchange was carried; only then may a close before the answer mean that the instance had gone
    /// idle.
    private(set) var isReused = false
    private(set) var idleSince = NIODeadline.uptimeNanoseconds(0)
    private var isReadHeld = false
    private var staysOpen = false

    init(instance: LiveInstance, worker: Worker, exchange: Exchange) {
        self.instance = instance
        self.worker = worker
        self.exchange = exchange
    }

    /// Connects, and tells the exchange when the connection can be written to, or that it failed.
    func open() {
        let bound = NIOLoopBound(self, eventLoop: worker.eventLoop)
        let limits = worker.limits
        let bootstrap = ClientBootstrap(group: worker.eventLoop)
            .connectTimeout(limits.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    var framing = HTTPRequestEncoder.Configuration()
                    framing.automaticallySetFramingHeaders = false
                    let decoder = HTTPResponseDecoder(
                        leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .forward,
                        limitConfiguration: limits.decoderLimits)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(HTTPRequestEncoder(configuration: framing))
                    try pipeline.addHandler(ByteToMessageHandler(decoder))
                    try pipeline.addHandler(bound.value)
                }
            }
        let channel =
            instance.address.map { bootstrap.connect(to: $0) }
            ?? bootstrap.connect(host: instance.key.host, port: instance.key.port)
        // Success is told by channelActive: this future may be complete before the channel is active.
        channel.assumeIsolated().whenFailure { _ in self.connectFailed() }
    }

    var isActive: Bool { context?.channel.isActive ?? false }
    var isWritable: Bool { context?.channel.isWritable ?? false }

    // MARK: What the exchange asks for

    /// Takes a pooled connection into use.
    func carry(_ exchange: Exchange) {
        self.exchange = exchange
        isReused = true
        staysOpen = false
    }

    func write(_ part: HTTPClientRequestPart) { context?.write(wrapOutboundOut(part), promise: nil) }
    func flush() { context?.flush() }

    func resumeReading() {
        guard isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    /// The exchange is over. Reused when both sides are at a message border and want it, closed otherwise.
    func release(reusable: Bool) {
        exchange = nil
        guard reusable, staysOpen, isActive else { return close() }
        park()
    }

    /// The exchange has no more interest. A connection still being made is kept for the next request.
    func abandon() {
        exchange = nil
        if isActive { close() }
    }

    func close() {
        exchange = nil
        context?.close(promise: nil)
    }

    private func park() {
        idleSince = .now()
        guard !instance.removed, !worker.isStopping,
            instance.pool.put(self, limit: worker.limits.maxIdlePerInstance)
        else { return close() }
        resumeReading()
    }

    private func connectFailed() {
        let waiting = exchange
        exchange = nil
        waiting?.connectFailed(self)
    }

    // MARK: Events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        if let exchange { exchange.upstreamReady(self) } else { park() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let exchange else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if head.status.code >= 200 { staysOpen = head.isKeepAlive }
            exchange.responseHead(head)
        case .body(let body):
            exchange.responseBody(body)
        case .end:
            exchange.responseEnd()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        exchange?.responseBurstEnded()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if let exchange, !exchange.clientTakesMore {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange?.upstreamTakesMore() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A failed connection attempt is told by its future, a lost connection by channelInactive.
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        instance.pool.remove(self)
        let carried = exchange
        exchange = nil
        carried?.upstreamLost(self)
        context.fireChannelInactive()
    }
}

extension RouterLimits {
    var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = maxHeaderBytes
        limits.maxHeaderListSize = maxHeaderBytes
        limits.maxHeaderFieldCount = maxHeaderFields
        return limits
    }
}
