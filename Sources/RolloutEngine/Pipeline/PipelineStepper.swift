import DeliveryModel

/// The working copy of one transition of a pipeline run.
struct PipelineStepper {
    var run: PipelineRun
    let now: Timestamp
    var effects: [PipelineEffect] = []
    var notes: [PipelineNote] = []

    init(run: PipelineRun, now: Timestamp) {
        self.run = run
        self.now = now
    }

    mutating func take(_ event: PipelineEvent) throws(PipelineError) {
        switch event {
        case .begin:
            guard run.outcome == nil, run.startedAt == nil else { return }
            run.startedAt = now
            run.why = "under way"
            note("pipeline.started", actor: run.origin.actor, "commit \(run.origin.commit) of \(run.origin.branch)")
            proceed()
        case .ended(let attempt, let ending): try ended(attempt, ending)
        case .packed(let release):
            guard run.isPacking, run.outcome == nil else { return }
            run.release = release
            finish(.passed, "every stage passed, and the release is packed", release: release)
        case .packFailed(let why):
            guard run.isPacking, run.outcome == nil else { return }
            finish(.failed, "the release could not be packed: \(why)")
        case .cancel(let actor, let why): try cancel(actor: actor, why: why)
        case .restarted: restart()
        }
    }

    private mutating func ended(_ id: String, _ ending: StageEnding) throws(PipelineError) {
        guard let index = run.stages.firstIndex(where: { $0.attempts.contains { $0.id == id } }) else {
            throw PipelineError(.unknownAttempt, "\(run.id) has no attempt '\(id)'")
        }
        // A result that comes twice, or of an attempt that was given up: said already.
        guard run.stages[index].current?.id == id else { return }
        close(index, ending)
        let stage = run.stages[index]
        if run.verdict != nil {
            run.stages[index].status = ending.kind == .passed || ending.kind == .cached ? status(ending) : .stopped
            settle()
            return
        }
        switch ending.kind {
        case .passed, .cached:
            run.stages[index].status = status(ending)
            let kind = ending.kind == .cached ? "stage.cached" : "stage.passed"
            note(kind, stage: stage.name, attempt: id, ending.why)
        case .lost, .stopped:
            // Nobody asked for it: it is as if it had not run.
            lose(index, ending.why)
        case .failed, .timedOut, .unable:
            let failures = stage.attempts.count { $0.ending.map { [.failed, .timedOut].contains($0.kind) } ?? false }
            if ending.kind != .unable, failures <= stage.retries {
                run.stages[index].status = .waiting
                note("stage.retried", stage: stage.name, attempt: id, ending.why)
            } else {
                run.stages[index].status = .failed
                note("stage.failed", stage: stage.name, attempt: id, ending.why)
                decide(.failed, "stage \(stage.name) failed: \(ending.why)")
                return
            }
        }
        proceed()
    }

    /// Whatever ended the attempt, it was not the stage; unless it happens again and again.
    private mutating func lose(_ index: Int, _ why: String) {
        let stage = run.stages[index]
        note("stage.lost", stage: stage.name, attempt: stage.attempts.last?.id, why)
        let lost = stage.attempts.count { $0.ending.map { [.lost, .stopped].contains($0.kind) } ?? false }
        guard lost >= PipelineStateMachine.lostAttempts else {
            run.stages[index].status = .waiting
            return
        }
        run.stages[index].status = .failed
        decide(.failed, "stage \(stage.name) did not survive \(lost) attempts: \(why)")
    }

    private func status(_ ending: StageEnding) -> StageRun.Status { ending.kind == .cached ? .cached : .passed }

    private mutating func close(_ index: Int, _ ending: StageEnding) {
        guard let last = run.stages[index].attempts.indices.last else { return }
        run.stages[index].attempts[last].ending = ending
        run.stages[index].attempts[last].endedAt = now
    }

    /// Starts what can start, within the bound; packs when nothing is left.
    private mutating func proceed() {
        guard run.verdict == nil, run.outcome == nil else { return }
        let passed = Set(run.stages.lazy.filter(\.hasPassed).map(\.name))
        var room = run.parallel - run.underWay.count
        for index in run.stages.indices where room > 0 {
            let stage = run.stages[index]
            guard stage.status == .waiting, stage.needs.allSatisfy(passed.contains) else { continue }
            start(index)
            room -= 1
        }
        guard run.stages.allSatisfy(\.hasPassed), !run.isPacking else { return }
        if run.packs {
            run.isPacking = true
            run.why = "packing the release"
            effects.append(.pack)
        } else {
            finish(.passed, "every stage passed")
        }
    }

    private mutating func start(_ index: Int) {
        let name = run.stages[index].name
        let number = run.stages[index].attempts.count + 1
        let attempt = StageAttempt(id: "\(run.id).\(name).\(number)", stage: name, number: number, startedAt: now)
        run.stages[index].attempts.append(attempt)
        run.stages[index].status = .running
        effects.append(.start(attempt: attempt.id, stage: name))
        note("stage.started", stage: name, attempt: attempt.id, number > 1 ? "attempt \(number)" : "")
    }

    private mutating func cancel(actor: String, why: String) throws(PipelineError) {
        if let outcome = run.outcome {
            throw PipelineError(.ended, "\(run.id) has ended already (\(outcome.rawValue))")
        }
        guard run.verdict == nil else { return }
        decide(.cancelled, "cancelled by \(actor)\(why.isEmpty ? "" : ": " + why)", actor: actor)
    }

    /// No more stages: what runs is stopped, what waits is skipped.
    private mutating func decide(_ outcome: PipelineRun.Outcome, _ why: String, actor: String = "nonevent") {
        run.verdict = outcome
        run.why = why
        run.isPacking = false
        for index in run.stages.indices {
            if run.stages[index].status == .waiting { run.stages[index].status = .skipped }
            guard let last = run.stages[index].attempts.indices.last, let current = run.stages[index].current else {
                continue
            }
            run.stages[index].attempts[last].isStopping = true
            effects.append(.stop(attempt: current.id))
        }
        settle(actor: actor)
    }

    private mutating func settle(actor: String = "nonevent") {
        guard let verdict = run.verdict, run.outcome == nil, run.underWay.isEmpty else { return }
        finish(verdict, run.why, actor: actor)
    }

    private mutating func finish(
        _ outcome: PipelineRun.Outcome, _ why: String, release: ReleaseDigest? = nil, actor: String = "nonevent"
    ) {
        run.verdict = outcome
        run.outcome = outcome
        run.isPacking = false
        run.why = why
        run.endedAt = now
        note("pipeline.\(outcome.rawValue)", actor: actor, release: release, why)
    }

    /// What was under way is gone with the control plane that ran it: it is run again, under a new number.
    private mutating func restart() {
        guard run.startedAt != nil, run.outcome == nil else { return }
        for index in run.stages.indices where run.stages[index].current != nil {
            let why = "the control plane ended while it ran"
            close(index, StageEnding(.lost, why: why))
            if run.verdict == nil { lose(index, why) } else { run.stages[index].status = .stopped }
        }
        settle()
        if run.isPacking { effects.append(.pack) } else { proceed() }
    }

    private mutating func note(
        _ kind: String, actor: String = "nonevent", stage: String? = nil, attempt: String? = nil,
        release: ReleaseDigest? = nil, _ why: String
    ) {
        notes.append(
            PipelineNote(kind: kind, actor: actor, stage: stage, attempt: attempt, release: release, why: why))
    }
}
