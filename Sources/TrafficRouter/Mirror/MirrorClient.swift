import NIOCore

/// Who asks for a copy's answer: takes it, and gives it to nobody.
final class MirrorClient: ClientStream {
    enum Outcome {
        case answered(ComparedAnswer)
        case failed(MirrorFailure)
    }

    /// `nil` until it is over.
    private(set) var outcome: Outcome?
    /// From sending to the end of the answer, or to its failure.
    private(set) var duration = TimeAmount.zero
    private let request: MirroredRequest
    private let release: LiveRelease
    private let began = NIODeadline.now()
    private var collector: AnswerCollector?
    private var bodyBytes: UInt64 = 0
    /// Told once, when it is over.
    private let ended: () -> Void

    init(worker: Worker, request: MirroredRequest, release: LiveRelease, ended: @escaping () -> Void) {
        self.request = request
        self.release = release
        self.ended = ended
        super.init(worker: worker)
    }

    /// Sends the copy. It may be over before this returns.
    func start() {
        let exchange = Exchange(
            worker: worker, client: self, head: request.head, origin: request.origin, started: began)
        self.exchange = exchange
        exchange.beginCopy(
            RouteChoice(
                service: request.service, release: release, isNamed: true, isCounted: false, newCookie: nil,
                mayName: false),
            body: request.body, trailers: request.trailers)
    }

    /// Ends it now, whatever state it is in.
    func giveUp(_ failure: MirrorFailure) {
        guard outcome == nil else { return }
        exchange?.clientGone()
        end(.failed(failure))
    }

    private func end(_ outcome: Outcome) {
        guard self.outcome == nil else { return }
        self.outcome = outcome
        duration = .now() - began
        exchange = nil
        collector = nil
        ended()
    }

    private var limit: UInt64 { max(request.mirror.limits.maxDiscardedBytes, UInt64(request.mirror.maxComparedBytes)) }

    // MARK: The answer

    override var peer: PeerAddress { request.origin.peer }
    override var isWritable: Bool { true }
    override var takesChunkFraming: Bool { false }

    override func sendInformational(_ answer: ResponseHead) {}

    override func sendHead(_ answer: ResponseHead, _ marks: AnswerMarks) {
        collector = AnswerCollector(answer, options: request.mirror.options)
    }

    override func sendBody(_ buffer: ByteBuffer, isFramed: Bool) {
        collector?.append(buffer, isFramed: isFramed)
        bodyBytes += UInt64(buffer.readableBytes)
        guard bodyBytes > limit, let answer = collector?.answer else { return }
        // Too long to be compared; what is still to come would only be thrown away.
        exchange?.clientGone()
        end(.answered(answer))
    }

    override func sendEnd(trailers: [TrailerField]) {
        guard let answer = collector?.answer else { return end(.failed(.reset)) }
        end(.answered(answer))
    }

    override func sendRefusal(_ refusal: Refusal, marks: AnswerMarks?) { end(.failed(failure(refusal))) }

    override func abort() {
        exchange?.clientGone()
        end(.failed(exchange?.isAnswerMalformed == true ? .malformed : .reset))
    }

    override func flush() {}
    override func exchangeTakesMore() {}
    override func beginTunnel(_ answer: ResponseHead, _ marks: AnswerMarks) { abort() }

    private func failure(_ refusal: Refusal) -> MirrorFailure {
        guard let exchange else { return .reset }
        if refusal.status == 504 { return .deadline }
        if exchange.isAnswerMalformed { return .malformed }
        if exchange.sentAt != nil { return .reset }
        return exchange.tried.isEmpty ? .noInstance : .connect
    }
}
