import NIOCore
import NIOPosix

/// One HTTP/2 connection to an instance, by prior knowledge and without TLS; carries many exchanges at once.
final class HTTP2UpstreamConnection: HTTP2Endpoint {
    /// Silence, with requests under way, after which the instance is asked for a sign of life, and then given as long
    /// to answer.
    static let probeInterval = TimeAmount.seconds(10)
    /// A connection without requests is closed after this long.
    static let idleTimeout = TimeAmount.seconds(60)

    private weak var pool: HTTP2UpstreamPool?
    private var nextStream: UInt32 = 1
    /// Streams that wait for the connection, or for another one's end.
    private var waiting: [HTTP2UpstreamStream] = []
    private var touched: [HTTP2UpstreamStream] = []
    private var isReady = false
    private var hasFailed = false
    private var probedAt: NIODeadline?
    private var idleSince = NIODeadline.now()
    private var text: [UInt8] = []

    init(worker: Worker, limits: HTTP2Limits, pool: HTTP2UpstreamPool) {
        self.pool = pool
        super.init(worker: worker, limits: limits)
        phase = .settings
    }

    override var peerIsServer: Bool { true }

    /// Whether new streams may be put on it, if only to wait.
    var takesStreams: Bool {
        !hasFailed && phase != .closing && phase != .draining && nextStream < 0x7FFF_FF00
    }
    var load: Int { flows.count + waiting.count }
    /// Whether another stream could begin, at once or once it is connected.
    var hasRoom: Bool { takesStreams && load < capacity }
    private var capacity: Int { min(limits.maxConcurrentUpstreamStreams, peerSettings.maxConcurrentStreams) }
    /// Whether a stream was carried to its end before; only then may a sudden end mean that the instance let an idle
    /// connection go.
    private(set) var hasCarried = false
    var isActive: Bool { isReady && phase != .closing && (context?.channel.isActive ?? false) }

    // MARK: Connection

    func connect(to instance: LiveInstance, timeout: TimeAmount) {
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
        channel.assumeIsolated().whenFailure { [self] _ in
            hasFailed = true
            pool?.remove(self)
            let all = waiting
            waiting = []
            for stream in all { stream.connectFailed() }
        }
    }

    override func begin(_ context: ChannelHandlerContext) {
        guard !isReady else { return }
        isReady = true
        let increment = receiveWindow - HTTP2Settings.defaultWindow
        withOutput { output in
            output.writeStaticString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            output.writeSettings([
                (HTTP2Settings.Parameter.enablePush, 0),
                (HTTP2Settings.Parameter.initialWindowSize, limits.streamWindow),
                (HTTP2Settings.Parameter.maxHeaderListSize, limits.maxHeaderListBytes),
                (HTTP2Settings.Parameter.headerTableSize, limits.headerTableBytes),
            ])
            if increment > 0 { output.writeWindowUpdate(stream: 0, increment: increment) }
        }
        serveWaiting()
    }

    override func leave() {
        pool?.remove(self)
        let all = waiting
        waiting = []
        for stream in all { stream.connectFailed() }
    }

    /// No new requests; those under way end first.
    func drain() {
        guard phase != .closing else { return }
        enter(.draining)
        if flows.isEmpty, waiting.isEmpty { close() }
    }

    override func becameIdle() {
        idleSince = .now()
        if phase == .draining, waiting.isEmpty { close() }
    }

    func sweep(now: NIODeadline) {
        if phase == .closing {
            if now - phaseSince > worker.limits.discardTimeout { context?.close(promise: nil) }
            return
        }
        guard !flows.isEmpty else {
            if waiting.isEmpty, now - idleSince > Self.idleTimeout { drain() }
            return
        }
        guard now - self.now > Self.probeInterval else { return probedAt = nil }
        guard let probedAt else {
            probedAt = now
            return withOutput { $0.writePing(1, isAcknowledgement: false) }
        }
        if now - probedAt > Self.probeInterval { close() }
    }

    // MARK: Streams

    /// Begins a stream now, or as soon as there is room.
    func start(_ stream: HTTP2UpstreamStream) {
        guard takesStreams else { return stream.connectFailed() }
        if isReady, waiting.isEmpty, flows.count < capacity { stream.ready() } else { waiting.append(stream) }
    }

    func forget(_ stream: HTTP2UpstreamStream) { waiting.removeAll { $0 === stream } }

    private func serveWaiting() {
        while isReady, flows.count < capacity, !waiting.isEmpty, phase != .closing {
            waiting.removeFirst().ready()
        }
    }

    override func receivedSettings() { serveWaiting() }

    func openFlow(_ stream: HTTP2UpstreamStream) -> HTTP2Flow {
        let flow = HTTP2Flow(
            id: nextStream, sendWindow: peerSettings.initialWindow, receiveWindow: limits.streamWindow, now: now)
        nextStream += 2
        flow.user = stream
        if flows.isEmpty { now = .now() }
        flows.insert(flow)
        return flow
    }

    /// A stream has come to its end.
    func closed(_ flow: HTTP2Flow) {
        hasCarried = true
        flow.user = nil
        if flow.localEnded, flow.remoteEnded { remove(flow, .ended) } else { resetStream(flow.id, .cancel) }
        serveWaiting()
    }

    override func isIdle(_ stream: UInt32) -> Bool { stream % 2 == 0 || stream >= nextStream }

    // MARK: Answers

    override func receivedHeaders(stream: UInt32, endStream: Bool) throws(HTTP2Flaw) {
        guard !isIdle(stream) else { throw HTTP2Flaw(.idleStream) }
        guard let flow = flows.find(stream), let user = flow.user as? HTTP2UpstreamStream else { return }
        guard !flow.remoteEnded else { return try failStream(stream, HTTP2Flaw(.streamClosed, .closedStream)) }
        controlBudget.earn(limits.controlFramesPerDataFrame)
        if endStream { flow.remoteEnded = true }
        guard !list.isCut else {
            worker.count(HTTP2Flaw(.headerListTooLarge))
            return user.malformed(HeadFlaw(.headTooLarge))
        }
        touched.append(user)
        if user.isHeadReceived { return try trailers(flow, user, endStream: endStream) }
        text.removeAll(keepingCapacity: true)
        do throws(HTTP2Flaw) {
            try ResponseTranslation.write(list, endStream: endStream, answering: user.method, to: &text)
        } catch {
            worker.count(error)
            return user.malformed(HeadFlaw(.statusLineMalformed))
        }
        user.receivedHead(text, endStream: endStream)
    }

    private func trailers(_ flow: HTTP2Flow, _ user: HTTP2UpstreamStream, endStream: Bool) throws(HTTP2Flaw) {
        guard endStream else { return try failStream(flow.id, HTTP2Flaw(.trailers)) }
        let trailers: [TrailerField]
        do throws(HTTP2Flaw) {
            trailers = try FieldRules.trailers(list)
        } catch {
            return try failStream(flow.id, error)
        }
        user.receivedEnd(trailers)
    }

    override func receivedData(_ flow: HTTP2Flow, _ data: ByteBuffer, endStream: Bool) {
        guard let user = flow.user as? HTTP2UpstreamStream, user.isHeadReceived else {
            credit(nil, data.readableBytes)
            return resetStream(flow.id, .protocolError)
        }
        touched.append(user)
        if data.readableBytes > 0 { user.received(data) }
        if endStream { user.receivedEnd([]) }
    }

    override func receivedReset(_ flow: HTTP2Flow, _ code: HTTP2ErrorCode) {
        let user = flow.user
        remove(flow, .resetByPeer)
        user?.streamLost(code, wasUntouched: code == .refusedStream)
        serveWaiting()
    }

    /// The instance takes no more requests here. Those above `lastStream` were not looked at, and may be sent again
    /// elsewhere.
    override func receivedGoAway(lastStream: UInt32, _ code: HTTP2ErrorCode) {
        pool?.remove(self)
        if phase != .closing { enter(.draining) }
        for flow in flows.flows where flow.id > lastStream {
            let user = flow.user
            remove(flow, .resetByPeer)
            user?.streamLost(code, wasUntouched: true)
        }
        let all = waiting
        waiting = []
        for stream in all { stream.connectFailed() }
        if flows.isEmpty { close() }
    }

    override func receivedPingAcknowledgement() { probedAt = nil }

    override func burstEnded() {
        guard !touched.isEmpty else { return }
        for stream in touched { stream.exchange?.responseBurstEnded() }
        touched.removeAll(keepingCapacity: true)
    }
}
