import DeliveryModel
import NIOCore

/// What one event loop mirrors of one service: chooses requests, keeps them until they are answered, sends copies when
/// there is time, and compares the answers.
///
/// Only requests that the split or a rule sends to the baseline are chosen, so that all differences are those between
/// two releases. A copy is an `Exchange` of its own that counts nowhere but here. It outlives tables that say the same
/// of it.
final class LiveMirror {
    let settings: TrafficMirror
    let baseline: LiveRelease
    let target: LiveRelease
    let limits: MirrorLimits
    /// `nil`: answers are thrown away.
    let options: ComparisonOptions?
    private(set) var report: ComparisonReport
    private let load: WorkerLoad
    private var budget: MirrorBudget
    private var noise: MirrorBudget?
    private var queue: MirrorQueue<MirroredRequest>
    private var noted: [MirrorDropReason: UInt64] = [:]
    /// Chosen and not answered yet.
    private var pending: [ObjectIdentifier: MirroredRequest] = [:]
    private var pendingBytes = 0
    private var running: [ObjectIdentifier: MirrorRun] = [:]
    private var isPumping = false
    /// `nil` when the mirror has ended.
    private var worker: Worker?

    init(
        _ settings: TrafficMirror, baseline: LiveRelease, target: LiveRelease, report: ComparisonReport,
        worker: Worker, load: WorkerLoad
    ) {
        self.settings = settings
        self.baseline = baseline
        self.target = target
        self.report = report
        self.worker = worker
        self.load = load
        let seed = worker.drawKey().0
        limits = MirrorLimits(settings)
        options = settings.compare.map(ComparisonOptions.init)
        budget = MirrorBudget(settings, seed: seed)
        noise = settings.compare.map { MirrorBudget.noise(settings, $0, seed: seed) }
        queue = MirrorQueue(limits: limits)
        self.report.isRunning = true
    }

    /// Longest body that is kept for the comparison.
    var maxComparedBytes: Int { options?.maxBodyBytes ?? 0 }

    /// Copies under way, which are no requests of people.
    var copiesUnderWay: Int { running.values.reduce(0) { $0 + $1.underWay } }

    // MARK: Choosing

    /// Decides about a request, once, before it is sent to an instance.
    func choose(_ exchange: Exchange, _ choice: RouteChoice) -> MirroredRequest? {
        let head = exchange.head
        guard let worker, choice.release === baseline, !choice.isNamed, !head.has(.nonEventMirror) else { return nil }
        let length: UInt64? =
            switch head.framing {
            case .none: 0
            case .length(let count): count
            case .chunked, .untilClose: nil
            }
        let bytes = head.bytes
        let decision = budget.decide(
            method: bytes.span.extracting(head.methodRange), bodyBytes: length,
            workerInFlight: load.people(worker))
        switch decision {
        case .notChosen: return nil
        case .drop(let reason): return drop(reason)
        case .mirror: break
        }
        if head.wantsUpgrade { return drop(.upgrade) }
        guard makeRoom() else { return drop(.queueFull) }
        let request = MirroredRequest(exchange, choice, mirror: self, isRepeated: isToBeRepeated(head))
        pending[ObjectIdentifier(request)] = request
        pendingBytes += request.bytes
        return request
    }

    /// The baseline has people's data: a request that changes something must not reach it twice.
    private func isToBeRepeated(_ head: RequestHead) -> Bool {
        guard head.method.isSafe else { return false }
        let bytes = head.bytes
        let decision = noise?.decide(
            method: bytes.span.extracting(head.methodRange), bodyBytes: 0, workerInFlight: 0)
        return decision == .mirror
    }

    /// Answers that go on and on must not keep the places of those that end.
    private func makeRoom() -> Bool {
        func isFull() -> Bool { pending.count + queue.count + queue.inFlight >= limits.maxQueued }
        guard isFull(), let worker else { return true }
        let oldest = NIODeadline.now() - worker.limits.mirrorAnswerTimeout
        for request in pending.values.filter({ $0.since < oldest }) { giveUp(request, .stale) }
        return !isFull()
    }

    /// A chosen request keeps more than before, or less.
    func keptBytesChanged(by change: Int, for request: MirroredRequest) {
        pendingBytes += change
        if change > 0, pendingBytes > limits.maxQueuedBytes { giveUp(request, .queueBytesFull) }
    }

    /// - Returns: whether it was there.
    private func forget(_ request: MirroredRequest) -> Bool {
        guard pending.removeValue(forKey: ObjectIdentifier(request)) != nil else { return false }
        pendingBytes -= request.bytes
        return true
    }

    // MARK: The real answer has ended

    func giveUp(_ request: MirroredRequest, _ reason: MirrorDropReason) {
        guard forget(request) else { return }
        request.forget()
        count(reason, 1)
    }

    /// There is nothing to compare with.
    func lost(_ request: MirroredRequest) {
        guard forget(request) else { return }
        request.forget()
        fail(.noPrimary)
    }

    func offer(_ request: MirroredRequest) {
        guard forget(request), let worker else { return }
        let reason = queue.offer(
            request, bytes: request.bytes, workerInFlight: load.people(worker), now: Self.nanoseconds())
        noteDrops()
        if reason == nil { pumpLater(worker) }
    }

    // MARK: Sending

    /// After all that the loop has to do now: answers go out first.
    private func pumpLater(_ worker: Worker) {
        guard !isPumping else { return }
        isPumping = true
        let bound = NIOLoopBound(self, eventLoop: worker.eventLoop)
        worker.eventLoop.execute { bound.value.pump() }
    }

    private func pump() {
        isPumping = false
        guard let worker else { return }
        while let request = queue.next(workerInFlight: load.people(worker), now: Self.nanoseconds()) {
            report.mirrored += 1
            target.counters.mirrors.mirrored += 1
            let run = MirrorRun(request)
            running[ObjectIdentifier(run)] = run
            run.start(worker)
        }
        noteDrops()
    }

    func finished(_ run: MirrorRun) {
        guard running.removeValue(forKey: ObjectIdentifier(run)) != nil else { return }
        queue.finished()
        if let worker { pumpLater(worker) }
        guard let copy = run.copy, case .answered(let candidate)? = copy.outcome else {
            if case .failed(let failure)? = run.copy?.outcome { fail(failure) }
            return
        }
        report.countAnswered(nanoseconds: copy.duration.nanoseconds)
        target.counters.mirrors.answered += 1
        target.counters.mirrors.answerTime += UInt64(max(0, copy.duration.nanoseconds))
        guard let options, let primary = run.request.primary else { return }
        var second: ComparedAnswer?
        if case .answered(let answer)? = run.again?.outcome { second = answer }
        let comparison = AnswerComparison.compare(
            primary: primary, candidate: candidate, noise: second, options: options)
        report.add(comparison)
        target.counters.mirrors.compared += 1
        if comparison.candidate.isEqual { target.counters.mirrors.equal += 1 }
        if !comparison.candidate.differences.isEmpty { target.counters.mirrors.differing += 1 }
    }

    // MARK: The end

    /// Drops what waits, and breaks off what is under way.
    func end(_ reason: MirrorDropReason) {
        guard worker != nil else { return }
        worker = nil
        report.isRunning = false
        for request in Array(pending.values) { giveUp(request, reason) }
        queue.removeAll(reason)
        noteDrops()
        for run in Array(running.values) { run.giveUp(.superseded) }
    }

    // MARK: Counting

    private func drop(_ reason: MirrorDropReason) -> MirroredRequest? {
        count(reason, 1)
        return nil
    }

    /// Takes over what the queue has dropped by itself.
    private func noteDrops() {
        guard queue.drops != noted else { return }
        for (reason, total) in queue.drops { count(reason, total - noted[reason, default: 0]) }
        noted = queue.drops
    }

    private func count(_ reason: MirrorDropReason, _ times: UInt64) {
        guard times > 0 else { return }
        report.countDropped(reason, times)
        target.counters.mirrors.dropped[reason.rawValue, default: 0] += times
    }

    private func fail(_ failure: MirrorFailure) {
        report.countFailed(failure)
        target.counters.mirrors.failed[failure.rawValue, default: 0] += 1
    }

    private static func nanoseconds() -> Int64 { Int64(clamping: NIODeadline.now().uptimeNanoseconds) }
}

extension RequestMethod {
    /// Changes nothing (RFC 9110, section 9.2.1).
    var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace: true
        case .post, .put, .delete, .patch, .connect, .other: false
        }
    }
}
