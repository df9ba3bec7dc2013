import NIOCore

/// One request of an HTTP/2 client, and its answer.
final class HTTP2Stream: ClientStream, HTTP2StreamUser {
    private let connection: HTTP2Connection
    private let flow: HTTP2Flow
    private let head: RequestHead
    private let began: NIODeadline
    private var answerBegun = false
    /// Bytes of the answer's body yet to come; `nil` if its length was not announced.
    private var answerLeft: UInt64?
    private var bodyBytes: UInt64 = 0
    private var isEndReceived = false
    private var trailers: [TrailerField] = []
    private var isDelivering = false

    init(connection: HTTP2Connection, flow: HTTP2Flow, head: RequestHead) {
        self.connection = connection
        self.flow = flow
        self.head = head
        began = connection.now
        super.init(worker: connection.worker)
    }

    // MARK: The request

    /// Whether the body has the length that was announced.
    var isWhole: Bool {
        if case .length(let length) = head.framing { return bodyBytes == length }
        return true
    }

    /// Counts body bytes.
    ///
    /// - Returns: false if the body is not of the length that was announced.
    func takes(_ count: Int, endStream: Bool) -> Bool {
        bodyBytes += UInt64(count)
        guard case .length(let length) = head.framing else { return true }
        return endStream ? bodyBytes == length : bodyBytes <= length
    }

    func received(_ data: ByteBuffer) {
        flow.keep(data)
        deliver()
    }

    func receivedEnd(_ trailers: [TrailerField]) {
        isEndReceived = true
        self.trailers = trailers
        deliver()
    }

    /// Hands on what the exchange takes, and lets the client send as much more.
    private func deliver() {
        guard !isDelivering else { return }
        isDelivering = true
        while let exchange, exchange.takesMoreBody, let data = flow.takeReceived() {
            connection.credit(flow, data.readableBytes)
            exchange.requestBody(data)
        }
        if isEndReceived, flow.receivedBytes == 0, let exchange {
            isEndReceived = false
            exchange.requestEnd(trailers: trailers)
        }
        isDelivering = false
    }

    override func exchangeTakesMore() {
        deliver()
        exchange?.flushUpstream()
    }

    // MARK: The answer

    override var peer: PeerAddress { connection.peer }
    override var isWritable: Bool { connection.hasRoom(flow) }
    override var takesChunkFraming: Bool { false }

    override func sendInformational(_ answer: ResponseHead) {
        guard !answerBegun, answer.status != 101 else { return }
        var text = worker.scratch()
        ForwardedAnswer.writeInformational(answer, to: &text)
        connection.sendHeaders(text, status: answer.status, on: flow, endStream: false)
    }

    override func sendHead(_ answer: ResponseHead, _ marks: AnswerMarks) {
        answerBegun = true
        var endStream = false
        switch answer.framing {
        case .none: endStream = true
        case .length(let length):
            answerLeft = answer.has(.trailer) ? nil : length
            endStream = length == 0
        case .chunked, .untilClose: break
        }
        var text = worker.scratch()
        _ = ForwardedAnswer(answer, to: head, marks, keepAlive: true, into: &text)
        connection.sendHeaders(text, status: answer.status, on: flow, endStream: endStream)
    }

    override func sendBody(_ buffer: ByteBuffer, isFramed: Bool) {
        guard !flow.localEnded else { return }
        var isLast = false
        if let left = answerLeft {
            let count = UInt64(buffer.readableBytes)
            answerLeft = left > count ? left - count : 0
            isLast = left <= count
        }
        connection.send(buffer, on: flow, end: isLast)
    }

    override func sendEnd(trailers: [TrailerField]) {
        if !flow.localEnded, answerLeft != 0 {
            if trailers.isEmpty {
                connection.send(ByteBuffer(), on: flow, end: true)
            } else {
                connection.send(trailers: trailers, on: flow)
            }
        }
        finish()
    }

    override func sendRefusal(_ refusal: Refusal, marks: AnswerMarks?) {
        guard !answerBegun else { return abort() }
        answerBegun = true
        var text = ByteBuffer()
        refusal.write(marks, to: head, keepAlive: true, into: &text)
        let headLength = connection.sendHeaders(text, status: refusal.status, on: flow, endStream: false)
        text.moveReaderIndex(forwardBy: headLength)
        connection.send(text, on: flow, end: true)
        finish()
    }

    /// The answer has been handed over, whether or not the windows had room for all of it.
    private func finish() {
        exchange = nil
        flow.user = nil
        worker.spareHeads.giveBack(head)
        connection.closeIfOver(flow)
    }

    override func flush() {}

    override func abort() {
        let left = exchange
        exchange = nil
        flow.user = nil
        connection.resetStream(flow.id, answerBegun ? .internalError : .cancel)
        left?.clientGone()
    }

    /// Upgrades are not offered in HTTP/2, and so never accepted.
    override func beginTunnel(_ answer: ResponseHead, _ marks: AnswerMarks) { abort() }

    // MARK: Events

    func streamBecameWritable() { exchange?.clientBecameWritable() }

    func streamLost(_ code: HTTP2ErrorCode, wasUntouched: Bool) {
        let left = exchange
        exchange = nil
        left?.clientGone()
    }

    func sweep(now: NIODeadline) {
        if !flow.remoteEnded, isBodyTooSlow(now - began) {
            worker.counters.limits["body_rate", default: 0] += 1
            let left = exchange
            exchange = nil
            left?.clientGone()
            return sendRefusal(.bodyTooSlow, marks: nil)
        }
        exchange?.sweep(now: now)
    }

    /// As over HTTP/1: a body must come at least at the least rate, once its time of grace is over.
    private func isBodyTooSlow(_ elapsed: TimeAmount) -> Bool {
        guard elapsed > worker.limits.bodyGrace, exchange?.takesMoreBody ?? false else { return false }
        return Double(bodyBytes) < Double(worker.limits.minBodyBytesPerSecond) * Double(elapsed.nanoseconds) * 1e-9
    }
}

extension HTTP2Endpoint {
    /// Sends a head as HTTP/1 writes it, and gives its buffer back.
    ///
    /// - Returns: the head's length with its empty line.
    @discardableResult
    func sendHeaders(_ text: ByteBuffer, status: Int, on flow: HTTP2Flow, endStream: Bool) -> Int {
        beginBlock()
        let length = HeaderBlock.writeAnswer(text.readableBytesUInt8Span, status: status, to: &block)
        if endStream { flow.localEnded = true }
        withOutput { $0.writeHeaders(stream: flow.id, block, endStream: endStream) }
        worker.giveBack(text)
        return length
    }
}
