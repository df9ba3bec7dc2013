import CanaryJudge
import DeliveryModel
import Testing

/// The sentences that people read at 3 a.m., word for word.
@Suite struct SentenceTests {
    private static let tenth = Share(clamping: 1000)

    private static func judge(_ change: (inout JudgeSpecification) -> Void = { _ in }) -> SequentialJudge {
        var specification = JudgeSpecification(dispersion: 1)
        change(&specification)
        return SequentialJudge(
            configuration: JudgeConfiguration(
                objectives: ObjectiveSpecification(latency: ["p99": 0.3]), rollout: RolloutSpecification(),
                judge: specification, candidateName: "3f2a91c04b7e"))
    }

    private static func last(_ judge: SequentialJudge, _ ticks: [JudgeTick]) -> Verdict? {
        var judge = judge
        var verdict: Verdict?
        for tick in ticks where verdict?.verdict != .undo { verdict = judge.judge(tick) }
        return verdict
    }

    @Test func slower() {
        // Around 50 ms (bucket -121) and 20 % more (7 buckets).
        let usual = [-123: 20.0, -122: 30.0, -121: 30.0, -120: 20.0]
        let slow = [-116: 20.0, -115: 30.0, -114: 30.0, -113: 20.0]
        let verdict = Self.last(
            Self.judge(),
            (1...60).map { t in
                JudgeTick(
                    t: Double(t), candidate: ArmCounts(requests: 100, latency: slow),
                    baseline: ArmCounts(requests: 900, latency: usual.mapValues { $0 * 9 }), share: Self.tenth)
            })
        #expect(verdict?.rule == "latency-undo")
        #expect(
            verdict?.why.hasPrefix(
                "One in ten of the requests to 3f2a91c04b7e take longer than 61 ms, at the baseline longer than 52 ms: "
                    + "1.19 times as long; evidence e^") == true
                || verdict?.why.hasPrefix("Half of the requests to 3f2a91c04b7e take longer than ") == true
                || verdict?.why.hasPrefix("One in a hundred of the requests to 3f2a91c04b7e take longer than ") == true,
            "\(verdict?.why ?? "")")
    }

    @Test func fewerOrders() {
        let verdict = Self.last(
            Self.judge(),
            (1...300).map { t in
                JudgeTick(
                    t: Double(t), candidate: ArmCounts(requests: 100), baseline: ArmCounts(requests: 900),
                    share: Self.tenth, counts: ["orders": BusinessCounts(candidate: 1, baseline: 18)])
            })
        #expect(verdict?.rule == "counts-undo")
        #expect(
            verdict?.why.hasPrefix("People who get 3f2a91c04b7e give ") == true
                && verdict?.why.contains(" orders where about ") == true
                && verdict?.why.contains(" were to be expected after the baseline; evidence e^") == true)
    }

    @Test func misses() {
        let verdict = Self.last(
            Self.judge { $0.rules[.latencyUndo] = RuleSpecification(isOn: false) },
            (1...60).map { t in
                JudgeTick(
                    t: Double(t), candidate: ArmCounts(requests: 100, latency: [-20: 100]),
                    baseline: ArmCounts(requests: 900, latency: [-120: 900]), share: Self.tenth)
            })
        #expect(verdict?.rule == "slo")
        #expect(
            verdict?.why.hasPrefix(
                "3f2a91c04b7e misses its latency objective: more than 2.0 % of its requests take longer than 300 ms "
                    + "(p99), and the baseline's do not; evidence e^") == true)
    }

    @Test func memory() {
        let verdict = Self.last(
            Self.judge(),
            (1...30).map { t in
                JudgeTick(
                    t: Double(t), candidate: ArmCounts(requests: 100), baseline: ArmCounts(requests: 900),
                    share: Self.tenth, gauges: ["memory": GaugeSamples(candidate: [200], baseline: [100])])
            })
        #expect(verdict?.rule == "gauges")
        #expect(
            verdict?.why == "'memory' is higher with 3f2a91c04b7e: 200 against 100 at the baseline (medians); "
                + "at least 25 % apart with the confidence asked for.")
    }

    @Test func skewedSplit() {
        let verdict = Self.last(
            Self.judge(),
            (1...60).map { t in
                JudgeTick(
                    t: Double(t), candidate: ArmCounts(requests: 500), baseline: ArmCounts(requests: 500),
                    share: Self.tenth)
            })
        #expect(verdict?.verdict == .hold && verdict?.rule == "split")
        #expect(
            verdict?.why == "3f2a91c04b7e receives 50 % of the requests although 10 % are assigned to it: "
                + "the comparison cannot be trusted, so nothing moves.")
    }

    @Test func waitingForLatency() {
        let verdict = Self.last(
            Self.judge(),
            (1...300).map { t in
                JudgeTick(
                    t: Double(t), candidate: ArmCounts(requests: 100),
                    baseline: ArmCounts(requests: 900, bad: 1, latency: [-120: 900]), share: Self.tenth)
            })
        #expect(verdict?.verdict == .hold)
        #expect(
            verdict?.why.contains("errors are no worse; whether it is slower is open: evidence e^0.0 against e^3.0")
                == true || verdict?.why.contains("safe to go on with") == true)
    }
}
