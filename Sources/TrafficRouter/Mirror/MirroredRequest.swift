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
        bytes = exchange.head.bytes.count
    }

    /// The baseline's answer, as far as it is kept; `nil` before its head.
    var primary: ComparedAnswer? { collector?.answer }

    /// What it keeps in memory: head and bodies.
    private(set) var bytes: Int

    // MARK: What the exchange tells

    func requestBody(_ buffer: ByteBuffer) {
        guard !isGivenUp else { return }
        guard UInt64(body.readableBytes + buffer.readableBytes) <= mirror.limits.maxBodyBytes else {
            return mirror.giveUp(self, .bodyTooLarge)
        }
        // Copied: a slice would keep all that was received along with it.
        body.writeImmutableBuffer(buffer)
        note()
    }

    func answerHead(_ answer: ResponseHead) {
        guard !isGivenUp else { return }
        collector = AnswerCollector(answer, options: mirror.options)
    }

    func answerBody(_ buffer: ByteBuffer, isFramed: Bool) {
        guard !isGivenUp, collector?.answer.isWhole == true else { return }
        collector?.append(buffer, isFramed: isFramed)
        note()
    }

    private func note() {
        let before = bytes
        bytes = head.bytes.count + body.readableBytes + (collector?.answer.body.count ?? 0)
        mirror.keptBytesChanged(by: bytes - before, for: self)
    }

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
