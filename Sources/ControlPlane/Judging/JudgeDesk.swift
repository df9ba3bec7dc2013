import CanaryJudge
import DeliveryModel
import DeliveryStore
import RolloutEngine

/// Turns the router's counts into ticks for the judges, one judge a rollout, and remembers every tick with its verdict.
struct JudgeDesk {
    /// A tick is judged this often; at once when the candidate has new bad requests.
    static let tickLength = Duration.seconds(1)

    private var cases: [String: Case] = [:]

    private struct Case {
        var judge: SequentialJudge
        var epoch = ""
        var share: Share
        var seen: [ReleaseDigest: ReleaseMeasures] = [:]
        var lastTick: Timestamp
    }

    /// What is written for every tick: its evidence and the verdict on it.
    struct TickRecord: Codable {
        var t: Double
        var shareBasisPoints: Share
        var candidate: ArmCounts?
        var baseline: ArmCounts?
        var verdict: Verdict?
    }

    /// - Parameter earlier: ticks recorded before a restart; judged again, so that no evidence is lost.
    /// - Returns: a verdict with its record when a tick was due.
    mutating func look(
        _ rollout: Rollout, _ state: ServiceState, _ measures: TrafficMeasures, at now: Timestamp,
        earlier: (String) -> [String]
    ) -> (Verdict, VerdictTick)? {
        guard let record = state.releases[rollout.candidate], let shifted = rollout.shiftedAt else { return nil }
        let current = measures.services[state.service] ?? [:]
        var open =
            cases[rollout.id]
            ?? Self.open(record.specification, rollout, at: now, earlier: earlier(rollout.id))
        defer { cases[rollout.id] = open }
        if open.epoch != measures.epoch || open.seen.isEmpty {
            // The counts begin anew: a difference across epochs means nothing.
            if open.epoch != measures.epoch, !open.epoch.isEmpty { open.seen = [:] } else { open.seen = current }
            let restarted = !open.epoch.isEmpty && open.epoch != measures.epoch
            open.epoch = measures.epoch
            if !restarted { return nil }
        }
        let candidate = Self.difference(current[rollout.candidate], open.seen[rollout.candidate])
        let elapsed = now - open.lastTick
        guard elapsed >= Self.tickLength || candidate.bad > 0 else { return nil }
        let baseline = rollout.baseline.map { Self.difference(current[$0], open.seen[$0]) } ?? ArmCounts()
        let tick = JudgeTick(t: max(0, (now - shifted).inSeconds), candidate: candidate, baseline: baseline)
        let verdict = open.judge.judge(tick, share: open.share)
        let line = TickRecord(
            t: tick.t, shareBasisPoints: open.share, candidate: candidate, baseline: baseline, verdict: verdict)
        open.seen = current
        open.lastTick = now
        open.share = rollout.share
        guard let text = try? StoredForms.json(line) else { return nil }
        return (verdict, VerdictTick(rollout: rollout.id, t: tick.t, line: text))
    }

    /// Forgets judges of rollouts that have ended.
    mutating func keep(_ running: Set<String>) { cases = cases.filter { running.contains($0.key) } }

    private static func open(
        _ specification: ServiceSpecification, _ rollout: Rollout, at now: Timestamp, earlier: [String]
    ) -> Case {
        var judge = SequentialJudge(
            configuration: JudgeConfiguration(
                specification, tickSeconds: Monitor.pace.inSeconds, candidateName: rollout.candidate.short))
        for line in earlier {
            guard let record = try? StoredForms.decode(TickRecord.self, line) else { continue }
            _ = judge.judge(
                JudgeTick(t: record.t, candidate: record.candidate, baseline: record.baseline),
                share: record.shareBasisPoints)
        }
        return Case(judge: judge, share: rollout.share, lastTick: now)
    }

    private static func difference(_ now: ReleaseMeasures?, _ before: ReleaseMeasures?) -> ArmCounts {
        guard let now else { return ArmCounts() }
        let old = before ?? ReleaseMeasures()
        var latency: [Int: Double] = [:]
        for (bucket, count) in now.latency where count > (old.latency[bucket] ?? 0) {
            latency[bucket] = Double(count - (old.latency[bucket] ?? 0))
        }
        return ArmCounts(
            requests: Double(now.requests) - Double(min(now.requests, old.requests)),
            bad: Double(now.bad) - Double(min(now.bad, old.bad)), latency: latency)
    }
}
