import NIOCore
import NIOPosix

/// One HTTP/1 connection to an instance: carries one exchange at a time, and waits in the pool in between.
final class HTTP1Upstream: UpstreamStream, ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case idle
        case awaitingHead
        case body
        case tunnel
    }

    private var context: ChannelHandlerContext?
    private var phase = Phase.idle
    private var hasCarried = false
    private(set) var idleSince = NIODeadline.uptimeNanoseconds(0)
    private var isReadHeld = false
    private var staysOpen = false
    private var requestIsChunked = false
    private var method = RequestMethod.get
    private var answer = ResponseHead()
    private var body = BodyReader(.none, keepsFraming: false)
    private var input = ByteBuffer()
    private var scanned = 0
    private var isTaking = false
    private var gathered = ByteBuffer()

    override var isReused: Bool { hasCarried }
    override var isActive: Bool { context?.channel.isActive ?? false }
    override var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Connects, and tells the exchange when the connection can be written to, or that it failed.
    func open(timeout: TimeAmount) {
        let bound = NIOLoopBound(self, eventLoop: worker.eventLoop)
        let bootstrap = ClientBootstrap(group: worker.eventLoop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
        let channel =
            instance.address.map { bootstrap.connect(to: $0) }
            ?? bootstrap.connect(host: instance.key.host, port: instance.key.port)
        // Success is told by channelActive: this future may be complete before the channel is active.
        channel.assumeIsolated().whenFailure { [self] _ in
            let waiting = exchange
            exchange = nil
            waiting?.connectFailed(self)
        }
    }

    /// Takes a pooled connection into use.
    func carry(_ exchange: Exchange) {
        self.exchange = exchange
        hasCarried = true
        staysOpen = false
    }

    // MARK: The request

    override func sendHead(_ head: RequestHead, _ origin: RequestOrigin) {
        phase = .awaitingHead
        method = head.method
        requestIsChunked = head.framing == .chunked
        gathered = worker.scratch()
        ForwardedRequest.write(head, origin, isChunked: requestIsChunked, to: &gathered)
    }

    override func sendBody(_ buffer: ByteBuffer) {
        guard requestIsChunked, phase != .tunnel else { return write(buffer) }
        gathered.writeString(String(buffer.readableBytes, radix: 16))
        gathered.writeStaticString("\r\n")
        write(buffer)
        gathered.writeStaticString("\r\n")
    }

    override func sendEnd(trailers: [TrailerField]) {
        guard requestIsChunked else { return }
        gathered.writeStaticString("0\r\n")
        for field in trailers { gathered.writeString("\(field.name): \(field.value)\r\n") }
        gathered.writeStaticString("\r\n")
    }

    private func write(_ buffer: ByteBuffer) {
        if gathered.readableBytes > 0, gathered.readableBytes + buffer.readableBytes <= HTTP1Connection.gatherLimit {
            gathered.writeImmutableBuffer(buffer)
            return
        }
        writeGathered()
        context?.write(wrapOutboundOut(buffer), promise: nil)
    }

    private func writeGathered() {
        guard gathered.readableBytes > 0 else { return }
        context?.write(wrapOutboundOut(gathered), promise: nil)
        worker.giveBack(gathered)
        gathered = ByteBuffer()
    }

    override func flush() {
        writeGathered()
        context?.flush()
    }

    // MARK: The end of an exchange

    override func release(reusable: Bool) {
        exchange = nil
        guard reusable, staysOpen, isActive, input.readableBytes == 0 else { return close() }
        park()
    }

    override func abandon() {
        exchange = nil
        // A connection still being made is kept for the next request.
        if isActive { close() }
    }

    func close() {
        exchange = nil
        context?.close(promise: nil)
    }

    private func park() {
        phase = .idle
        idleSince = .now()
        guard !instance.removed, !worker.isStopping,
            instance.pool.put(self, limit: worker.limits.maxIdlePerInstance)
        else { return close() }
        resumeReading()
    }

    override func resumeReading() {
        guard isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    override func beginTunnel() {
        phase = .tunnel
        take()
    }

    // MARK: Events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        if let exchange { exchange.upstreamReady(self) } else { park() }
    }

    func read(context: ChannelHandlerContext) {
        if let exchange, !exchange.clientTakesMore { isReadHeld = true } else { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        take()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        exchange?.responseBurstEnded()
        if phase == .body || input.readableBytes > 0 { context.acknowledgeAtOnce() }
        context.fireChannelReadComplete()
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
        if phase == .body, body.endsWithClose, let exchange {
            self.exchange = nil
            exchange.responseEnd(trailers: [])
        }
        let carried = exchange
        exchange = nil
        input = ByteBuffer()
        carried?.upstreamLost(self)
        context.fireChannelInactive()
    }

    // MARK: The answer

    private func take() {
        guard !isTaking else { return }
        isTaking = true
        do throws(HeadFlaw) {
            while try takeOne() {}
        } catch {
            let carried = exchange
            exchange = nil
            carried?.upstreamMalformed(error)
            close()
        }
        isTaking = false
        if input.readableBytes == 0 { input = ByteBuffer() }
    }

    /// - Returns: whether there may be more to take.
    private func takeOne() throws(HeadFlaw) -> Bool {
        // Whatever comes without being asked for makes the connection unfit.
        guard let exchange else {
            if input.readableBytes > 0 { close() }
            input.clear()
            return false
        }
        switch phase {
        case .idle:
            if input.readableBytes > 0 { close() }
            return false
        case .awaitingHead:
            return try takeHead(exchange)
        case .body:
            switch try body.next(&input, worker.headLimits) {
            case .bytes(let piece, let isFramed):
                exchange.responseBody(piece, isFramed: isFramed)
                return true
            case .end(let trailers):
                phase = .idle
                exchange.responseEnd(trailers: trailers)
                return false
            case .starved:
                return false
            }
        case .tunnel:
            guard let all = input.readSlice(length: input.readableBytes), all.readableBytes > 0 else { return false }
            exchange.responseBody(all, isFramed: true)
            return false
        }
    }

    private func takeHead(_ exchange: Exchange) throws(HeadFlaw) -> Bool {
        let limits = worker.headLimits
        guard
            let length = try ResponseHead.length(of: input, scannedTo: &scanned, limits: limits)
        else { return false }
        if !isKnownUniquelyReferenced(&answer) { answer = ResponseHead() }
        try answer.parse(input, length: length, limits: limits, answering: method)
        input.moveReaderIndex(forwardBy: length)
        scanned = 0
        if answer.status >= 200 {
            staysOpen = answer.keepsAlive
            phase = .body
        }
        exchange.responseHead(answer)
        // It may have been answered elsewhere, or be a tunnel by now.
        guard self.exchange === exchange, phase == .body else { return self.exchange != nil }
        body = BodyReader(answer.framing, keepsFraming: exchange.clientTakesChunkFraming)
        return true
    }
}
