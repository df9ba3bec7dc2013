import NIOCore
import NIOPosix

/// One HTTP/2 connection to an instance, by prior knowledge and without TLS; carries many exchanges at once.
final class HTTP2UpstreamConnection: HTTP2Endpoint {
    private weak var pool: HTTP2UpstreamPool?
    private let instance: LiveInstance
    private var nextStream: UInt32 = 1
    /// Streams that wait for the connection, or for another one's end.
    private var waiting: [HTTP2UpstreamStream] = []
    private var touched: [HTTP2UpstreamStream] = []
    private var hasBegun = false
    /// The instance has sent its settings; before that, nobody knows how many requests it takes and whether it speaks
    /// HTTP/2 at all, and none is sent.
    private(set) var isReady = false
    private var settingsDeadline = NIODeadline.distantFuture
    private var hasFailed = false
    private var probedAt: NIODeadline?
    private var isProbeAnswered = false
    /// How often bytes have come.
    private(set) var bursts: UInt64 = 0
    private var idleSince = NIODeadline.now()
    private var text: [UInt8] = []

    init(worker: Worker, instance: LiveInstance, pool: HTTP2UpstreamPool) {
        self.pool = pool
        self.instance = instance
        super.init(worker: worker, limits: worker.upstreamHTTP2)
        phase = .settings
        // As much as all streams may send together: clients that read slowly must not hold up the others' answers.
        receiveWindow += limits.streamWindow * limits.maxConcurrentUpstreamStreams
    }

    override var peerIsServer: Bool { true }

    /// Whether new streams may be put on it, if only to wait.
    var takesStreams: Bool {
        !hasFailed && phase != .closing && phase != .draining && nextStream < 0x7FFF_FF00
    }
    var load: Int { flows.count + waiting.count }
    /// Whether another stream could begin, at once or once it is connected.
    var hasRoom: Bool { takesStreams && load < capacity }
    /// Before the instance has told how many it takes, as many as it told last.
    private var capacity: Int {
        let told = isReady ? peerSettings.maxConcurrentStreams : pool?.toldStreams ?? .max
        return min(limits.maxConcurrentUpstreamStreams, told)
    }
    /// Whether a stream was carried to its end before; only then may a sudden end mean that the instance let an idle
    /// connection go.
    private(set) var hasCarried = false
    var isActive: Bool { isReady && phase != .closing && (context?.channel.isActive ?? false) }

    // MARK: Connection

    func connect(timeout: TimeAmount) {
        // For the connection itself, and then as long again for its settings.
        settingsDeadline = .now() + timeout + timeout
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
            turnAwayWaiting()
        }
    }

    override func begin(_ context: ChannelHandlerContext) {
        guard !hasBegun else { return }
        hasBegun = true
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
    }

    override func leave() {
        pool?.remove(self)
        turnAwayWaiting()
    }

    /// Those that wait go elsewhere: to another connection if this one was made, to another instance if not.
    private func turnAwayWaiting() {
        let all = waiting
        waiting = []
        for stream in all { if isReady { stream.notBegun() } else { stream.connectFailed() } }
    }

    /// No new requests; those under way end first.
    func drain() {
        guard phase != .closing else { return }
        enter(.draining)
        if flows.isEmpty, waiting.isEmpty { bidFarewell() }
    }

    /// Ends a connection on which nothing is under way.
    private func bidFarewell() {
        guard phase != .closing else { return }
        if isReady {
            withOutput { $0.writeGoAway(lastStream: 0, .noError) }
            flushNow()
        }
        close()
    }

    override func becameIdle() {
        idleSince = .now()
        if phase == .draining || instance.removed, waiting.isEmpty { bidFarewell() }
    }

    /// Whether nothing was under way for so long that the instance may be about to let it go.
    func isStale(now: NIODeadline) -> Bool {
        isReady && load == 0 && now - idleSince > worker.limits.upstreamIdleTimeout
    }

    func sweep(now: NIODeadline) {
        if phase == .closing {
            if now - phaseSince > worker.limits.discardTimeout { context?.close(promise: nil) }
            return
        }
        if isStale(now: now) { return drain() }
        if !isReady, now > settingsDeadline { return close() }
        guard !flows.isEmpty, now - self.now > limits.upstreamProbeInterval else { return }
        guard let probedAt else { return probe(now) }
        if !isProbeAnswered {
            if now - probedAt > limits.upstreamProbeInterval { close() }
        } else if now - probedAt > limits.upstreamProbePause {
            probe(now)
        }
    }

    private func probe(_ now: NIODeadline) {
        probedAt = now
        isProbeAnswered = false
        withOutput { $0.writePing(1, isAcknowledgement: false) }
    }

    override func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bursts &+= 1
        super.channelRead(context: context, data: data)
    }

    // MARK: Streams

    /// Begins a stream now, or as soon as there is room.
    func start(_ stream: HTTP2UpstreamStream) {
        guard takesStreams else { return isReady ? stream.notBegun() : stream.connectFailed() }
        if isReady, waiting.isEmpty, flows.count < capacity { stream.ready() } else { waiting.append(stream) }
    }

    func forget(_ stream: HTTP2UpstreamStream) {
        guard !waiting.isEmpty else { return }
        waiting.removeAll { $0 === stream }
        if phase == .draining, load == 0 { bidFarewell() }
    }

    private func serveWaiting() {
        while isReady, flows.count < capacity, !waiting.isEmpty, phase != .closing {
            waiting.removeFirst().ready()
        }
    }

    override func receivedSettings() {
        if !isReady { (isReady, idleSince) = (true, .now()) }
        pool?.toldStreams = peerSettings.maxConcurrentStreams
        serveWaiting()
    }

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
        probedAt = nil
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
        probedAt = nil
        touched.append(user)
        if data.readableBytes > 0 { user.received(data) }
        if endStream { user.receivedEnd([]) }
    }

    override func receivedReset(_ flow: HTTP2Flow, _ code: HTTP2ErrorCode) {
        let user = flow.user as? HTTP2UpstreamStream
        remove(flow, .resetByPeer)
        user?.receivedReset(code)
        serveWaiting()
    }

    /// The instance takes no more requests here. Those above `lastStream` were not looked at, and may be sent again
    /// elsewhere.
    override func receivedGoAway(lastStream: UInt32, _ code: HTTP2ErrorCode) {
        if phase != .closing { enter(.draining) }
        for flow in flows.flows where flow.id > lastStream {
            let user = flow.user
            remove(flow, .resetByPeer)
            user?.streamLost(code, wasUntouched: true)
        }
        turnAwayWaiting()
        if flows.isEmpty { bidFarewell() }
    }

    override func receivedPingAcknowledgement() { isProbeAnswered = true }

    override func burstEnded() {
        guard !touched.isEmpty else { return }
        for stream in touched { stream.exchange?.responseBurstEnded() }
        touched.removeAll(keepingCapacity: true)
    }
}
