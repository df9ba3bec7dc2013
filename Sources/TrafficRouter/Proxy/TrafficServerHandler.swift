import NIOCore
import NIOHTTP1

/// One client connection: takes its requests in order, one at a time, and reads no further than the instance takes.
final class TrafficServerHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    enum Phase {
        /// Between requests.
        case idle
        case exchanging
        /// Answered before the request's body ended; the rest is dropped.
        case discarding
        /// The last answer is being written, or the peer is given time to read it.
        case closing
    }

    /// What came in while an earlier request was under way; bounded, since reading stops then.
    enum Waiting {
        case part(HTTPServerRequestPart)
        case flaw(Refusal)
    }

    let worker: Worker
    var context: ChannelHandlerContext?
    var exchange: Exchange?
    var phase = Phase.idle
    var keepAlive = true
    /// Method and version of the request under way.
    var request: (method: HTTPMethod, version: HTTPVersion) = (.GET, .http1_1)
    var requestEnded = true
    var answerBegun = false
    var phaseSince = NIODeadline.now()
    /// Answers not yet taken by the system: closing now would cut them off.
    var unwrittenAnswers = 0
    private var peer = PeerAddress(nil)
    private var waiting = CircularBuffer<Waiting>()
    private var isDraining = false
    private var isReadHeld = false
    private var discarded = 0

    init(worker: Worker) { self.worker = worker }

    // MARK: Connection

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        leave()
    }

    func channelActive(context: ChannelHandlerContext) {
        peer = PeerAddress(context.remoteAddress)
        if !worker.register(self) { context.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        worker.unregister(self)
        phase = .closing
        waiting.removeAll()
        let left = exchange
        exchange = nil
        left?.clientGone()
    }

    func close() {
        let left = exchange
        exchange = nil
        left?.clientGone()
        phase = .closing
        context?.close(promise: nil)
    }

    /// For shutdown: a request under way is answered first.
    func closeWhenIdle() {
        if phase == .idle, waiting.isEmpty, unwrittenAnswers == 0 { close() }
    }

    func enter(_ phase: Phase) {
        self.phase = phase
        phaseSince = .now()
    }

    func sweep(now: NIODeadline) {
        switch phase {
        case .idle: if now - phaseSince > worker.limits.clientIdleTimeout { close() }
        case .discarding: if now - phaseSince > worker.limits.discardTimeout { close() }
        case .closing:
            let limit = requestEnded ? worker.limits.clientStallTimeout : worker.limits.discardTimeout
            if now - phaseSince > limit { close() }
        case .exchanging: exchange?.sweep(now: now)
        }
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        if takesMore { context.read() } else { isReadHeld = true }
    }

    private var takesMore: Bool {
        switch phase {
        case .idle, .discarding, .closing: true
        case .exchanging: !requestEnded && exchange?.takesMoreBody ?? true
        }
    }

    func resumeReading() {
        guard isReadHeld, takesMore, !isDraining else { return }
        isReadHeld = false
        context?.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isBusy || !waiting.isEmpty { return waiting.append(.part(part)) }
        process(part)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        exchange?.flushUpstream()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange?.clientBecameWritable() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let flaw = error as? HTTPParserError, context.channel.isActive else { return close() }
        let isTooLarge = flaw == .headerOverflow
        let refusal = Refusal(
            status: isTooLarge ? .requestHeaderFieldsTooLarge : .badRequest,
            text: isTooLarge
                ? "the request's head is larger than \(worker.limits.maxHeaderBytes) bytes or has too many fields"
                : "the request is not valid HTTP/1.1")
        if isBusy || !waiting.isEmpty { waiting.append(.flaw(refusal)) } else { refuseMalformed(refusal) }
    }

    private var isBusy: Bool { phase == .exchanging && requestEnded }

    /// Takes up what came in while a request was under way.
    func drain() {
        guard !isDraining else { return }
        isDraining = true
        while !isBusy, phase != .closing, let next = waiting.popFirst() {
            switch next {
            case .part(let part): process(part)
            case .flaw(let refusal): refuseMalformed(refusal)
            }
        }
        isDraining = false
        exchange?.flushUpstream()
        resumeReading()
    }

    private func process(_ part: HTTPServerRequestPart) {
        switch (part, phase) {
        case (.head(let head), .idle):
            begin(head)
        case (.body(let buffer), .exchanging):
            exchange?.requestBody(buffer)
        case (.end, .exchanging):
            requestEnded = true
            exchange?.requestEnd()
        case (.body(let buffer), .discarding):
            discarded += buffer.readableBytes
            if discarded > worker.limits.maxDiscardedBytes { close() }
        case (.end, .discarding):
            requestEnded = true
            finishRequest()
        case (.end, .closing):
            // A peer that has sent all of its request loses nothing when the connection closes.
            requestEnded = true
            if unwrittenAnswers == 0 { close() }
        default:
            break
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        let started = NIODeadline.now()
        request = (head.method, head.version)
        keepAlive = head.isKeepAlive
        (requestEnded, answerBegun, discarded) = (false, false, 0)
        enter(.exchanging)
        let facts = RequestFacts(head)
        if let flaw = facts.flaw(head) { return refuseMalformed(Refusal(status: .badRequest, text: flaw)) }
        guard let target = RequestTarget(head.uri, method: head.method) else {
            return refuseMalformed(
                Refusal(status: .badRequest, text: "the request target must be a path that starts with '/'"))
        }
        let question = RouteQuestion(
            host: HostName.normalized(target.authority ?? facts.host), path: target.path, key: facts.key,
            releaseHeader: facts.releaseHeader, releaseCookie: facts.releaseCookie, isLoopback: peer.isLoopback)
        switch worker.decide(question) {
        case .refuse(let refusal):
            answer(refusal, release: nil, tally: nil)
        case .release(let choice):
            var settled = question
            settled.key = question.key ?? choice.newKey?[...]
            let upstream = facts.upstreamHead(head, target: target.uri, peer: peer, passRelease: choice.mayName)
            let forwarded = ForwardedRequest(
                head: upstream, question: settled, isIdempotent: head.method.isIdempotent)
            let exchange = Exchange(
                worker: worker, client: self, request: forwarded, choice: choice, started: started)
            self.exchange = exchange
            exchange.begin()
        }
    }
}

/// The target of a request in origin form, absolute form or asterisk form (RFC 9112, section 3.2).
struct RequestTarget {
    /// As sent to the instance, in origin form.
    let uri: String
    /// Up to `?`.
    let path: Substring
    /// From the absolute form, which overrides the Host field.
    let authority: Substring?

    init?(_ text: String, method: HTTPMethod) {
        if text.utf8.first == UInt8(ascii: "/") {
            (uri, authority) = (text, nil)
        } else if text == "*", method == .OPTIONS {
            (uri, authority) = (text, nil)
        } else if text.lowercased().hasPrefix("http://") {
            let rest = text.dropFirst(7)
            let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
            guard end > rest.startIndex else { return nil }
            authority = rest[..<end]
            uri = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
        } else {
            return nil
        }
        let end = uri.utf8.firstIndex(of: UInt8(ascii: "?")) ?? uri.endIndex
        path = uri[..<end]
    }
}
