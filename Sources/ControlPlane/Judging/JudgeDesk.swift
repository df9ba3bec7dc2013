import CanaryJudge
import DeliveryModel
import DeliveryStore
import RolloutEngine

/// Turns what was counted into ticks for the judges, one judge a rollout, and remembers every tick with its verdict.
struct JudgeDesk {
    /// A tick is judged this often; at once when the candidate has new bad requests.
    static let tickLength = Duration.seconds(1)
    /// The same while a complete rollout is watched.
    static let watchTickLength = Duration.seconds(5)
    /// How long a complete rollout is watched, with the release before at hand.
    static let watch = Duration.seconds(3600)

    private var cases: [String: Case] = [:]

    private struct Case {
        var judge: SequentialJudge
        var epoch = ""
        var share: Share
        /// `nil`: counting has not begun.
        var seen: [ReleaseDigest: ReleaseMeasures]?
        var lastTick: Timestamp
    }

    /// What there is to see at one look.
    struct Sight {
        var measures: TrafficMeasures
        var instances: [InstanceStatus]
        /// How clustered the baseline's errors were lately.
        var dispersion: Dispersion.Estimate?
        /// Requests per second of the whole service, before the rollout if it has just begun.
        var requestsPerSecond: Double?
        var now: Timestamp
    }

    /// The rollout whose candidate is to be judged: one that moves traffic, or one that was completed lately.
    static func watched(_ state: ServiceState, at now: Timestamp) -> Rollout? {
        if let rollout = state.rollout { return rollout.phase == .shift || rollout.phase == .soak ? rollout : nil }
        guard let last = state.watchable, let ended = last.endedAt, now - ended < watch else { return nil }
        return last
    }

    /// - Parameters:
    ///   - readings: what the metrics systems said since the last tick.
    ///   - earlier: ticks recorded before a restart; judged again, so that no evidence is lost.
    /// - Returns: a verdict with its record when a tick was due; `nil` in place of a record that cannot be written, as
    ///   the verdict counts all the same.
    mutating func look(
        _ rollout: Rollout, _ state: ServiceState, _ sight: Sight, readings: () async -> MetricWatch.Readings,
        earlier: (String) -> [String]
    ) async -> (Verdict, VerdictTick?)? {
        guard let record = state.releases[rollout.candidate], let shifted = rollout.shiftedAt else { return nil }
        let current = sight.measures.services[state.service] ?? [:]
        var open =
            cases[rollout.id]
            ?? Self.open(record.specification, rollout, sight, earlier: earlier(rollout.id))
        if begins(&open, sight.measures.epoch, current) {
            cases[rollout.id] = open
            return nil
        }
        let seen = open.seen ?? [:]
        var candidate = Self.difference(current[rollout.candidate], seen[rollout.candidate])
        let length = rollout.outcome == nil ? Self.tickLength : Self.watchTickLength
        guard sight.now - open.lastTick >= length || candidate.bad > 0 else {
            cases[rollout.id] = open
            return nil
        }
        var baseline = rollout.baseline.map { Self.difference(current[$0], seen[$0]) } ?? ArmCounts()
        if !Self.isWarm(rollout.candidate, state, sight) { candidate.latency = [:] }
        if let digest = rollout.baseline, !Self.isWarm(digest, state, sight) { baseline.latency = [:] }
        let metrics = await readings()
        let tick = JudgeTick(
            t: max(0, (sight.now - shifted).inSeconds), candidate: candidate, baseline: baseline, share: open.share,
            counts: metrics.counts, gauges: metrics.gauges, failures: metrics.failures,
            phi: sight.dispersion?.cautious,
            phiSource: sight.dispersion.map { $0.isEnough ? .measured : .measuredBriefly })
        let verdict = open.judge.judge(tick)
        open.seen = current
        open.lastTick = sight.now
        open.share = rollout.share
        cases[rollout.id] = open
        let line = try? StoredForms.json(RecordedTick(tick: tick, verdict: verdict))
        return (verdict, line.map { VerdictTick(rollout: rollout.id, t: tick.t, line: $0) })
    }

    /// Forgets judges of rollouts that are not watched any more.
    mutating func keep(_ watched: Set<String>) { cases = cases.filter { watched.contains($0.key) } }

    /// - Returns: whether counting only begins at this look: a difference across epochs of a router means nothing.
    private func begins(
        _ open: inout Case, _ epoch: String, _ current: [ReleaseDigest: ReleaseMeasures]
    ) -> Bool {
        guard open.epoch != epoch || open.seen == nil else { return false }
        let isFirst = open.seen == nil
        // A router that was restarted counts from 0.
        open.seen = isFirst ? current : [:]
        open.epoch = epoch
        return isFirst
    }

    /// All instances of the release have run longer than they need to warm up.
    private static func isWarm(_ digest: ReleaseDigest, _ state: ServiceState, _ sight: Sight) -> Bool {
        let ids = Set(state.releases[digest]?.instances.map(\.id) ?? [])
        return !sight.instances.isEmpty
            && !sight.instances.contains { status in
                ids.contains(status.id) && status.startedAt.map { sight.now - $0 < ArmCounts.warmUp } ?? true
            }
    }

    private static func open(
        _ specification: ServiceSpecification, _ rollout: Rollout, _ sight: Sight, earlier: [String]
    ) -> Case {
        var judge = SequentialJudge(
            configuration: JudgeConfiguration(
                specification, tickSeconds: Self.tickLength.inSeconds, requestsPerSecond: sight.requestsPerSecond,
                candidateName: rollout.candidate.short))
        for line in earlier {
            guard let record = try? StoredForms.decode(RecordedTick.self, line) else { continue }
            _ = judge.judge(record.tick)
        }
        return Case(judge: judge, share: rollout.share, lastTick: sight.now)
    }

    private static func difference(_ now: ReleaseMeasures?, _ before: ReleaseMeasures?) -> ArmCounts {
        guard let now else { return ArmCounts() }
        let old = before ?? ReleaseMeasures()
        var latency: [Int: Double] = [:]
        for (bucket, count) in now.latency where count > (old.latency[bucket] ?? 0) {
            latency[bucket] = Double(count - (old.latency[bucket] ?? 0))
        }
        let requests = Double(now.requests) - Double(min(now.requests, old.requests))
        let bad = Double(now.bad) - Double(min(now.bad, old.bad))
        return ArmCounts(requests: requests, bad: min(bad, requests), latency: latency)
    }
}
