import NIOCore

/// A person's request that was chosen to be mirrored, from its head to the end of its real answer: all that the copy
/// needs is kept as it passes.
final class MirroredRequest {
    let mirror: LiveMirror
    let head: RequestHead
    let origin: RequestOrigin
    let service: LiveService
    let since = NIODeadline.now()
    /// The baseline gets it once more too.
    let isRepeated: Bool
    private(set) var body = ByteBuffer()
    private(set) var trailers: [TrailerField] = []
    private var collector: AnswerCollector?
    private var isGivenUp = false

    init(_ exchange: Exchange, _ choice: RouteChoice, mirror: LiveMirror, isRepeated: Bool) {
        self.mirror = mirror
        head = exchange.head
        var origin = exchange.origin
        origin.isCopy = true
        self.origin = origin
        service = choice.service
        self.isRepeated = isRepeated
    }

    /// The baseline's answer, as far as it is kept; `nil` before its head.
    var primary: ComparedAnswer? { collector?.answer }

    /// What it keeps in memory.
    var bytes: Int { head.bytes.count + body.readableBytes + (primary?.body.count ?? 0) }

    // MARK: What the exchange tells

    func requestBody(_ buffer: ByteBuffer) {
        guard !isGivenUp else { return }
        guard UInt64(body.readableBytes + buffer.readableBytes) <= mirror.limits.maxBodyBytes else {
            return mirror.giveUp(self, .bodyTooLarge)
        }
        // Copied: a slice would keep all that was received along with it.
        body.writeImmutableBuffer(buffer)
    }

    func answerHead(_ answer: ResponseHead) {
        guard !isGivenUp else { return }
        collector = AnswerCollector(answer, options: mirror.options)
    }

    func answerBody(_ buffer: ByteBuffer, isFramed: Bool) { collector?.append(buffer, isFramed: isFramed) }

    /// - Parameters:
    ///   - release: that answered.
    ///   - isWhole: all of the request had come by then.
    func answerEnded(by release: LiveRelease, isWhole: Bool, trailers: [TrailerField]) {
        guard !isGivenUp else { return }
        self.trailers = trailers
        if !isWhole { return mirror.giveUp(self, .unfinished) }
        // The table changed before anything had been sent.
        if release !== mirror.baseline { return mirror.giveUp(self, .superseded) }
        mirror.offer(self)
    }

    /// The client left, or the answer was no instance's.
    func answerLost() { if !isGivenUp { mirror.lost(self) } }

    /// Lets go of what was kept.
    func forget() {
        isGivenUp = true
        collector = nil
        body = ByteBuffer()
    }
}
