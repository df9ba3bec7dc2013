import CanaryJudge
import DeliveryModel
import RolloutEngine

extension DeliveryRun {
    private static let errorRate = 0.001
    private static let watchSeconds = 3600.0

    /// What a judge of this service works to.
    func configuration(_ site: Int) -> JudgeConfiguration {
        JudgeConfiguration(
            sites[site].specification, tickSeconds: plan.tickSeconds, requestsPerSecond: sites[site].requestsPerSecond)
    }

    /// The candidate has traffic: a judge looks at it.
    mutating func beginJudging(_ site: Int) {
        guard let rollout = sites[site].state.rollout, let baseline = rollout.baseline,
            rollout.phase == .shift || rollout.phase == .soak, sites[site].judging?.rollout != rollout.id
        else { return }
        sites[site].judging = JudgedRollout(
            rollout: rollout.id, candidate: rollout.candidate, baseline: baseline, began: now,
            judge: SequentialJudge(configuration: configuration(site)), lastTick: now, share: rollout.share)
        scheduleTick(site, rollout.id)
    }

    mutating func scheduleTick(_ site: Int, _ rollout: String) {
        let isAfter = sites[site].judging?.completed != nil
        let isPaused = sites[site].state.rollout?.isPaused == true
        let seconds = isAfter ? 9 * plan.tickSeconds : isPaused ? 6 * plan.tickSeconds : plan.tickSeconds
        events.add(
            .tick(site: site, rollout: rollout, born: epoch), at: now + .milliseconds(Int(seconds * 1000)))
    }

    mutating func tick(_ site: Int, _ rollout: String) {
        // Taken out while it works, so that nothing of it is copied.
        guard sites[site].judging?.rollout == rollout, var judging = sites[site].judging else { return }
        sites[site].judging = nil
        let running = sites[site].state.rollout
        let isRunning = running?.id == rollout
        if !isRunning {
            guard sites[site].state.watchable?.id == rollout,
                (now - (judging.completed ?? now)).inSeconds < Self.watchSeconds
            else { return }
            judging.completed = judging.completed ?? now
        }
        var event: RolloutEvent?
        // A person has changed the share in between: counts of two shares are no tick.
        if (isRunning ? running?.share : .all) == judging.share {
            let tick = measure(
                site, judging.candidate, judging.baseline, judging.began, judging.lastTick, judging.share)
            judging.ticks.append(tick)
            let verdict = judging.judge.judge(tick)
            report.ticks += 1
            if !isRunning, verdict.verdict == .undo { report.undoneAfterwards += 1 }
            event =
                isRunning
                ? .judged(rollout: rollout, verdict) : .judgedAfterwards(rollout: rollout, verdict)
        }
        judging.lastTick = now
        sites[site].judging = judging
        if let event { apply(event, to: site) }
        let after = sites[site].state.rollout
        sites[site].judging?.share = after?.id == rollout ? after?.share ?? .all : .all
        if let after, after.isPaused, after.verdict?.verdict == .inconclusive {
            events.add(.decide(site: site, rollout: rollout), at: soon(300, 1200, randomPeople.unit()))
        }
        scheduleTick(site, rollout)
    }

    /// What the router counted since the last tick.
    private mutating func measure(
        _ site: Int, _ candidate: ReleaseDigest, _ baseline: ReleaseDigest, _ began: Timestamp, _ last: Timestamp,
        _ share: Share
    ) -> JudgeTick {
        let seconds = (now - last).inSeconds
        let t = (now - began).inSeconds
        let requests = sites[site].requestsPerSecond * seconds
        func arm(_ share: Share, _ flaw: ChangeFlaw, _ at: Double, _ random: inout SplitMix64) -> ArmCounts {
            let rate = min(1, Self.errorRate + flaw.addedErrors(at: at))
            let bad = random.poisson(requests * share.fraction * rate)
            return ArmCounts(requests: bad + random.poisson(requests * share.fraction * (1 - rate)), bad: bad)
        }
        let flaw = sites[site].flaws[candidate] ?? .none
        // A baseline has been there for long.
        let baselineFlaw = sites[site].flaws[baseline] ?? .none
        return JudgeTick(
            t: t, candidate: arm(share, flaw, t, &sites[site].traffic),
            baseline: arm(share.rest, baselineFlaw, 86_400, &sites[site].traffic), share: share)
    }
}
