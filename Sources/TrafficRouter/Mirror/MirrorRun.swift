import NIOCore

/// One request's copies under way: the one for the candidate and, for some, a second one for the baseline, sent at the
/// same moment.
final class MirrorRun {
    let request: MirroredRequest
    private(set) var copy: MirrorClient?
    private(set) var again: MirrorClient?
    private var timer: Scheduled<Void>?

    init(_ request: MirroredRequest) { self.request = request }

    /// Copies that have not ended.
    var underWay: Int { (copy?.outcome == nil ? 1 : 0) + (again.map { $0.outcome == nil ? 1 : 0 } ?? 0) }

    func start(_ worker: Worker) {
        let mirror = request.mirror
        let bound = NIOLoopBound(self, eventLoop: worker.eventLoop)
        timer = worker.eventLoop.scheduleTask(in: worker.limits.mirrorAnswerTimeout) { bound.value.giveUp(.deadline) }
        // Both are there before one is sent, for it may be over at once.
        copy = MirrorClient(worker: worker, request: request, release: mirror.target) { [unowned self] in ended() }
        if request.isRepeated {
            again = MirrorClient(worker: worker, request: request, release: mirror.baseline) { [unowned self] in
                ended()
            }
        }
        copy?.start()
        again?.start()
    }

    func giveUp(_ failure: MirrorFailure) {
        copy?.giveUp(failure)
        again?.giveUp(failure)
    }

    private func ended() {
        guard underWay == 0 else { return }
        timer?.cancel()
        timer = nil
        request.mirror.finished(self)
    }
}
