import NIOCore

/// One request to an instance over HTTP/2, and its answer. Carries one exchange only.
final class HTTP2UpstreamStream: UpstreamStream, HTTP2StreamUser {
    private let connection: HTTP2UpstreamConnection
    private var flow: HTTP2Flow?
    private(set) var method = RequestMethod.get
    /// The final head has come.
    private(set) var isHeadReceived = false
    private var isUntouched = false
    private var answer = ResponseHead()
    private var bodyBytes: UInt64 = 0
    /// Data received that the client does not take yet. Not kept by the flow, since it may outlive that.
    private var held = CircularBuffer<ByteBuffer>()
    private var heldBytes = 0
    private var isEndReceived = false
    private var trailers: [TrailerField] = []
    private var isDelivering = false
    private let mayBeStale: Bool
    /// How often bytes had come on the connection when the request was sent.
    private var burstsBefore: UInt64 = 0
    /// The instance reset this stream, and did not let a connection go.
    private var wasReset = false

    init(connection: HTTP2UpstreamConnection, worker: Worker, instance: LiveInstance, exchange: Exchange) {
        self.connection = connection
        mayBeStale = connection.hasCarried
        super.init(worker: worker, instance: instance, exchange: exchange)
    }

    override var isActive: Bool { connection.isActive }
    override var isReused: Bool {
        wasUntouched || mayBeStale && !wasReset && connection.bursts == burstsBefore
    }
    override var wasUntouched: Bool { isUntouched }
    override var waitsForRoom: Bool { flow == nil && connection.isReady }
    override var tellsFailure: Bool { GRPCStatus.tellsFailure(answer, trailers) }
    override var isWritable: Bool { flow.map(connection.hasRoom) ?? false }

    /// Begins, and tells the exchange when the request can be written, or that it can't be.
    func open() { connection.start(self) }

    func ready() {
        guard let exchange else { return }
        exchange.upstreamReady(self)
    }

    func connectFailed() {
        let waiting = exchange
        exchange = nil
        waiting?.connectFailed(self)
    }

    /// The connection ends without having begun this one.
    func notBegun() {
        isUntouched = true
        let waiting = exchange
        exchange = nil
        waiting?.upstreamLost(self)
    }

    // MARK: The request

    override func sendHead(_ head: RequestHead, _ origin: RequestOrigin) {
        method = head.method
        burstsBefore = connection.bursts
        let flow = connection.openFlow(self)
        self.flow = flow
        let isWhole: Bool =
            switch head.framing {
            case .none, .length(0): true
            case .length, .chunked, .untilClose: false
            }
        let wantsTrailers = head.first(.te).map { head.isEqual($0, lowercased: Array("trailers".utf8)) } ?? false
        var text = worker.scratch()
        ForwardedRequest.write(head, origin, isChunked: false, to: &text)
        connection.beginBlock()
        HeaderBlock.writeRequest(
            text.readableBytesUInt8Span, isSecure: false, wantsTrailers: wantsTrailers, to: &connection.block)
        worker.giveBack(text)
        if isWhole { flow.localEnded = true }
        connection.withOutput { [connection] output in
            output.writeHeaders(stream: flow.id, connection.block, endStream: isWhole)
        }
    }

    override func sendBody(_ buffer: ByteBuffer) {
        guard let flow, !flow.localEnded else { return }
        connection.send(buffer, on: flow, end: false)
    }

    override func sendEnd(trailers: [TrailerField]) {
        guard let flow, !flow.localEnded else { return }
        if trailers.isEmpty {
            connection.send(ByteBuffer(), on: flow, end: true)
        } else {
            connection.send(trailers: trailers, on: flow)
        }
    }

    override func flush() {}

    // MARK: The answer

    func receivedHead(_ head: [UInt8], endStream: Bool) {
        guard let exchange else { return }
        if !isKnownUniquelyReferenced(&answer) { answer = ResponseHead() }
        do throws(HeadFlaw) {
            try answer.parse(head.span, limits: worker.headLimits, answering: method)
        } catch {
            return malformed(error)
        }
        if answer.status >= 200 { isHeadReceived = true }
        if endStream, case .length(let length) = answer.framing, length > 0 {
            return malformed(HeadFlaw(.lengthMalformed))
        }
        exchange.responseHead(answer)
        if endStream { receivedEnd([]) }
    }

    func received(_ data: ByteBuffer) {
        bodyBytes += UInt64(data.readableBytes)
        held.append(data)
        heldBytes += data.readableBytes
        switch answer.framing {
        case .length(let length) where bodyBytes > length: malformed(HeadFlaw(.lengthMalformed))
        // A body where none may be: 204, 304, or the answer to HEAD.
        case .none: malformed(HeadFlaw(.lengthMalformed))
        case .length, .chunked, .untilClose: deliver()
        }
    }

    func receivedEnd(_ trailers: [TrailerField]) {
        if case .length(let length) = answer.framing, bodyBytes != length {
            return malformed(HeadFlaw(.lengthMalformed))
        }
        isEndReceived = true
        self.trailers = trailers
        deliver()
    }

    /// Hands on what the client takes, and lets the instance send as much more.
    private func deliver() {
        guard !isDelivering else { return }
        isDelivering = true
        while let exchange, exchange.clientTakesMore, let data = held.popFirst() {
            heldBytes -= data.readableBytes
            if let flow { connection.credit(flow, data.readableBytes) }
            exchange.responseBody(data, isFramed: false)
        }
        if isEndReceived, heldBytes == 0, let exchange {
            isEndReceived = false
            exchange.responseEnd(trailers: trailers)
        }
        isDelivering = false
    }

    override func resumeReading() {
        deliver()
        exchange?.responseBurstEnded()
    }

    /// What came is no answer.
    func malformed(_ flaw: HeadFlaw) {
        let carried = exchange
        exchange = nil
        end()
        carried?.upstreamMalformed(flaw)
    }

    // MARK: The end

    override func release(reusable: Bool) {
        exchange = nil
        end()
    }

    override func abandon() {
        exchange = nil
        end()
    }

    private func end() {
        guard let flow else {
            dropHeld()
            return connection.forget(self)
        }
        self.flow = nil
        connection.credit(nil, heldBytes)
        dropHeld()
        connection.closed(flow)
    }

    private func dropHeld() {
        held = CircularBuffer()
        heldBytes = 0
    }

    override func beginTunnel() {}

    func streamBecameWritable() { exchange?.upstreamTakesMore() }

    func receivedReset(_ code: HTTP2ErrorCode) {
        wasReset = true
        streamLost(code, wasUntouched: code == .refusedStream)
    }

    func streamLost(_ code: HTTP2ErrorCode, wasUntouched: Bool) {
        guard flow != nil else { return }
        flow = nil
        connection.credit(nil, heldBytes)
        // The whole answer is here, and only the client has not taken it yet.
        if isEndReceived { return }
        dropHeld()
        isUntouched = wasUntouched
        let carried = exchange
        exchange = nil
        carried?.upstreamLost(self)
    }
}
