import DeliveryModel
import RolloutEngine

extension DeliveryRun {
    private static let red = 0.05

    mutating func pushOfDay() {
        for time in WorkingDay.pushes(Double(plan.deploysPerDay) / (1 - Self.red), &randomPushes) {
            events.add(
                .push(site: anySite(randomPushes.unit()), isFix: false), at: now + .milliseconds(time))
        }
    }

    /// Somebody pushes to the trunk; its pipeline begins.
    mutating func push(_ site: Int, isFix: Bool) {
        if isFix {
            sites[site].trunkFlaw = .none
            sites[site].isFixComing = false
        } else if !commits.isEmpty, sites[site].trunkFlaw == .none, randomPushes.unit() < plan.badPart {
            let kinds = ChangeFlaw.bad
            sites[site].trunkFlaw = kinds[Int(randomPushes.unit() * Double(kinds.count))]
        }
        let number = commits.count
        commits.append(SimulatedCommit(site: site, flaw: sites[site].trunkFlaw, isFix: isFix))
        report.pushes += 1
        let run = PipelineRun(
            id: "\(sites[site].name)-p\(number)", service: sites[site].name,
            origin: PipelineOrigin(repository: "all", branch: "main", commit: "c\(number)", actor: "push"),
            pipeline: sites[site].specification.pipeline, parallel: 2, packs: true, at: now)
        sites[site].pipelines[number] = run
        advance(site, number, .begin)
    }

    mutating func advance(_ site: Int, _ number: Int, _ event: PipelineEvent) {
        guard let run = sites[site].pipelines[number] else { return }
        let transition: PipelineTransition
        do {
            transition = try PipelineStateMachine.step(run, event, at: now)
        } catch {
            return broken(.nothingWaitsForever, site, "the pipeline refused \(event): \(error)")
        }
        sites[site].pipelines[number] = transition.run
        for effect in transition.effects {
            switch effect {
            case .start(let attempt, let stage):
                let seconds = stage == "build" ? 60.0 : stage == "unit" ? 90 : 20
                events.add(
                    .stageEnds(site: site, run: number, attempt: attempt, born: epoch),
                    at: soon(seconds * 0.5, seconds * 1.5, randomWork.unit()))
            case .stop(let attempt):
                events.add(.stageEnds(site: site, run: number, attempt: attempt, born: epoch), at: now + .seconds(1))
            case .pack: events.add(.packed(site: site, run: number, born: epoch), at: soon(1, 5, randomWork.unit()))
            }
        }
        guard let outcome = transition.run.outcome else { return }
        sites[site].pipelines[number] = nil
        if outcome != .passed {
            commits[number].fate = .red
            report.red += 1
            comeWithFix(site)
        }
    }

    mutating func stageEnds(_ site: Int, _ number: Int, _ attempt: String) {
        guard let run = sites[site].pipelines[number], let current = run.underWay.first(where: { $0.id == attempt })
        else { return }
        let isFlawed = commits[number].flaw == .testsFail && current.stage == "unit"
        let isFlaky = current.stage == "unit" && randomWork.unit() < 0.02
        let kind: StageEnding.Kind =
            current.isStopping
            ? .stopped
            : isFlawed || isFlaky ? .failed : current.stage == "lint" && randomWork.unit() < 0.3 ? .cached : .passed
        advance(site, number, .ended(attempt: attempt, StageEnding(kind)))
    }

    /// A green commit: offered to the queue, unless a newer one was already.
    mutating func packed(_ site: Int, _ number: Int) {
        guard sites[site].pipelines[number] != nil else { return }
        let digest = SimulatedCommit.digest(number)
        advance(site, number, .packed(digest))
        report.accepted += 1
        commits[number].fate = .accepted
        guard number > sites[site].newestOffered else {
            commits[number].fate = .superseded
            return
        }
        sites[site].newestOffered = number
        commits[number].offered = now
        sites[site].flaws[digest] = commits[number].flaw
        let deploy = WaitingDeploy(
            service: sites[site].name, commit: "c\(number)", release: digest, run: "p\(number)",
            priority: commits[number].isFix ? .fix : .normal, deploy: sites[site].specification.deploy,
            actor: "pipeline", since: now)
        _ = queue.offer(deploy)
        askQueue()
    }

    /// Whoever broke it repairs it soon.
    mutating func comeWithFix(_ site: Int) {
        guard sites[site].trunkFlaw != .none, !sites[site].isFixComing else { return }
        sites[site].isFixComing = true
        events.add(.push(site: site, isFix: true), at: soon(300, 2400, randomWork.unit()))
    }
}
