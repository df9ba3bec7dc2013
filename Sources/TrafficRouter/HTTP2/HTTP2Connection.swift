import NIOCore

/// One client connection that speaks HTTP/2: many requests at once, each an `HTTP2Stream`.
final class HTTP2Connection: HTTP2Endpoint, RoutedConnection {
    let scheme: URLScheme
    var place = -1
    private(set) var peer: PeerAddress
    private let isPeerKnown: Bool
    private var resetBudget: HTTP2Budget
    /// Streams whose requests went on in this burst of bytes.
    private var touched: [HTTP2Stream] = []
    private var text: [UInt8] = []
    private var hasBegun = false

    /// - Parameter peer: when a proxy before has told it; else that of the connection.
    init(worker: Worker, limits: HTTP2Limits, scheme: URLScheme, peer: PeerAddress? = nil) {
        self.scheme = scheme
        self.peer = peer ?? .unknown
        isPeerKnown = peer != nil
        resetBudget = HTTP2Budget(limit: limits.maxResetsPerMinute, now: .now())
        super.init(worker: worker, limits: limits)
    }

    // MARK: Connection

    override func begin(_ context: ChannelHandlerContext) {
        guard !hasBegun else { return }
        hasBegun = true
        if !isPeerKnown { peer = PeerAddress(context.remoteAddress, trusted: worker.table.trustedProxies) }
        guard worker.register(self, from: peer.text) else { return context.close(promise: nil) }
        var settings: [(parameter: UInt16, value: Int)] = [
            (HTTP2Settings.Parameter.maxConcurrentStreams, limits.maxConcurrentStreams),
            (HTTP2Settings.Parameter.initialWindowSize, limits.streamWindow),
            (HTTP2Settings.Parameter.maxHeaderListSize, limits.maxHeaderListBytes),
        ]
        if limits.headerTableBytes != 4_096 {
            settings.append((HTTP2Settings.Parameter.headerTableSize, limits.headerTableBytes))
        }
        let increment = receiveWindow - HTTP2Settings.defaultWindow
        withOutput { output in
            output.writeSettings(settings)
            if increment > 0 { output.writeWindowUpdate(stream: 0, increment: increment) }
        }
    }

    override func leave() {
        worker.unregister(self)
        touched = []
    }

    override func endOutput() {
        // TLS ends with an alert of its own, which tells the client that nothing is missing.
        context?.close(mode: scheme == .http ? .output : .all, promise: nil)
    }

    // MARK: Requests

    override func receivedHeaders(stream: UInt32, endStream: Bool) throws(HTTP2Flaw) {
        guard stream % 2 == 1 else { throw HTTP2Flaw(.streamIdentifier) }
        if let flow = flows.find(stream) { return try receivedTrailers(flow, endStream: endStream) }
        guard stream > lastPeerStream else {
            switch closed.find(stream) {
            case .resetByUs: return
            case .resetByPeer: return try failStream(stream, HTTP2Flaw(.streamClosed, .closedStream))
            case .ended: throw HTTP2Flaw(.streamClosed, .closedStream)
            case nil: throw HTTP2Flaw(.streamIdentifier)
            }
        }
        lastPeerStream = stream
        controlBudget.earn(limits.controlFramesPerDataFrame)
        guard flows.count < limits.maxConcurrentStreams else {
            return try failStream(stream, HTTP2Flaw(.refusedStream, .tooManyStreams))
        }
        if phase == .draining, isLastStreamTold { return resetStream(stream, .refusedStream) }
        if list.isCut { return begin(stream, endStream: endStream, refused: .headTooLarge) }
        text.removeAll(keepingCapacity: true)
        do throws(HTTP2Flaw) {
            try RequestTranslation.write(list, endStream: endStream, to: &text)
        } catch {
            return try failStream(stream, error)
        }
        let (head, text) = (worker.spareHeads.take(), text)
        do throws(HeadFlaw) {
            try head.parse(text.span, limits: worker.headLimits)
        } catch {
            worker.counters.flaws[error.code.rawValue, default: 0] += 1
            guard flawBudget.spend(now: now) else { throw HTTP2Flaw(.enhanceYourCalm, .flawFlood) }
            return begin(stream, endStream: endStream, refused: Refusal(error))
        }
        if endStream, case .length(let length) = head.framing, length > 0 {
            return try failStream(stream, HTTP2Flaw(.contentLength))
        }
        begin(stream, head, endStream: endStream)
    }

    private func begin(_ id: UInt32, _ head: RequestHead, endStream: Bool) {
        let stream = open(id, head, endStream: endStream)
        let exchange = Exchange(worker: worker, client: stream, head: head, scheme: scheme, started: now)
        stream.exchange = exchange
        // Told before it begins, so that a request without a body leaves in one piece.
        if endStream { exchange.requestEnd(trailers: []) } else { touched.append(stream) }
        exchange.begin()
    }

    private func begin(_ id: UInt32, endStream: Bool, refused refusal: Refusal) {
        open(id, RequestHead(), endStream: endStream).sendRefusal(refusal, marks: nil)
    }

    private func open(_ id: UInt32, _ head: RequestHead, endStream: Bool) -> HTTP2Stream {
        let flow = HTTP2Flow(
            id: id, sendWindow: peerSettings.initialWindow, receiveWindow: limits.streamWindow, now: now)
        flow.remoteEnded = endStream
        flows.insert(flow)
        worker.counters.streams.opened += 1
        let stream = HTTP2Stream(connection: self, flow: flow, head: head)
        flow.user = stream
        return stream
    }

    private func receivedTrailers(_ flow: HTTP2Flow, endStream: Bool) throws(HTTP2Flaw) {
        guard !flow.remoteEnded else { return try failStream(flow.id, HTTP2Flaw(.streamClosed, .closedStream)) }
        guard endStream else { return try failStream(flow.id, HTTP2Flaw(.trailers)) }
        flow.remoteEnded = true
        guard let stream = flow.user as? HTTP2Stream else { return }
        guard !list.isCut else { return try failStream(flow.id, HTTP2Flaw(.headerListTooLarge)) }
        let trailers: [TrailerField]
        do throws(HTTP2Flaw) {
            trailers = try FieldRules.trailers(list)
        } catch {
            return try failStream(flow.id, error)
        }
        guard stream.isWhole else { return try failStream(flow.id, HTTP2Flaw(.contentLength)) }
        touched.append(stream)
        stream.receivedEnd(trailers)
    }

    override func receivedData(_ flow: HTTP2Flow, _ data: ByteBuffer, endStream: Bool) {
        guard let stream = flow.user as? HTTP2Stream else {
            // Answered already; the rest of the body counts for the connection only, so that it stays bounded.
            return credit(nil, data.readableBytes)
        }
        guard stream.takes(data.readableBytes, endStream: endStream) else {
            credit(nil, data.readableBytes)
            return failStreamOrConnection(flow.id, HTTP2Flaw(.contentLength))
        }
        touched.append(stream)
        if data.readableBytes > 0 { stream.received(data) }
        if endStream { stream.receivedEnd([]) }
    }

    private func failStreamOrConnection(_ id: UInt32, _ flaw: HTTP2Flaw) {
        do throws(HTTP2Flaw) {
            try failStream(id, flaw)
        } catch {
            fail(error)
        }
    }

    /// The client has cancelled a request.
    override func receivedReset(_ flow: HTTP2Flow, _ code: HTTP2ErrorCode) {
        let user = flow.user
        worker.counters.streams.resetByClient += 1
        remove(flow, .resetByPeer)
        user?.streamLost(code, wasUntouched: false)
        // Each costs the instance a request and the client nearly nothing.
        if !resetBudget.spend(now: now) { fail(HTTP2Flaw(.enhanceYourCalm, .rapidReset)) }
    }

    override func burstEnded() {
        guard !touched.isEmpty else { return }
        for stream in touched { stream.exchange?.flushUpstream() }
        touched.removeAll(keepingCapacity: true)
    }

    // MARK: The end

    /// Whether the second GOAWAY was sent.
    private var isLastStreamTold = false
    private var isToldToEnd = false

    /// For shutdown, in two steps (RFC 9113, section 6.8): the first tells the client to begin no more requests, the
    /// second, after a round trip, which of them are taken up. So none is lost that was on its way.
    func closeWhenIdle() {
        guard !isToldToEnd, phase != .draining, phase != .closing else { return }
        isToldToEnd = true
        if phase != .open { return endConnection(.noError) }
        enter(.draining)
        withOutput { output in
            output.writeGoAway(lastStream: 0x7FFF_FFFF, .noError)
            output.writePing(0, isAcknowledgement: false)
        }
    }

    override func receivedPingAcknowledgement() { tellLastStream() }

    private func tellLastStream() {
        guard phase == .draining, !isLastStreamTold else { return }
        isLastStreamTold = true
        withOutput { $0.writeGoAway(lastStream: lastPeerStream, .noError) }
        if flows.isEmpty { endConnection(.noError) }
    }

    override func becameIdle() {
        if isLastStreamTold || isClientLeaving { return endConnection(.noError) }
        if phase == .open { phaseSince = .now() }
    }

    /// The client begins no more requests.
    private var isClientLeaving = false

    override func receivedGoAway(lastStream: UInt32, _ code: HTTP2ErrorCode) {
        isClientLeaving = true
        if flows.isEmpty { endConnection(.noError) }
    }

    // MARK: Time

    /// Ends what takes too long.
    func sweep(now: NIODeadline) {
        let elapsed = now - phaseSince
        self.now = now
        switch phase {
        case .preface, .settings:
            if elapsed > worker.limits.headTimeout { return fail(HTTP2Flaw(.settingsTimeout, .prefaceTimeout)) }
        case .open:
            if flows.isEmpty, unfinished == nil, elapsed > worker.limits.clientIdleTimeout {
                return endConnection(.noError)
            }
        case .draining: if elapsed > limits.drainRoundTrip { tellLastStream() }
        case .closing:
            if elapsed > worker.limits.discardTimeout { context?.close(promise: nil) }
            return
        }
        if let unfinished, now - unfinished.since > worker.limits.headTimeout {
            return fail(HTTP2Flaw(.enhanceYourCalm, .headTimeout))
        }
        for flow in flows.flows { sweep(flow, now) }
    }

    private func sweep(_ flow: HTTP2Flow, _ now: NIODeadline) {
        if flow.isBlocked, now - flow.lastSent > worker.limits.clientStallTimeout {
            worker.counters.limits["stream_stall", default: 0] += 1
            return resetStream(flow.id, .cancel)
        }
        (flow.user as? HTTP2Stream)?.sweep(now: now)
    }
}

extension Refusal {
    /// Of a request whose fields have no room.
    static var headTooLarge: Refusal { Refusal(HeadFlaw(.headTooLarge)) }
}
