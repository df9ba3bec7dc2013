import CanaryJudge
import DeliveryModel
import Testing

/// What a service file may change about the rules.
@Suite struct RuleSettingTests {
    private static let tenth = Share(clamping: 1000)

    private static func configuration(
        _ rules: [JudgeRuleName: RuleSpecification], metrics: [String: MetricSpecification] = [:]
    ) -> JudgeConfiguration {
        JudgeConfiguration(
            objectives: ObjectiveSpecification(), rollout: RolloutSpecification(),
            judge: JudgeSpecification(dispersion: 1, rules: rules, metrics: metrics))
    }

    private static func failing(_ t: Int, latency: [Int: Double] = [:]) -> JudgeTick {
        JudgeTick(
            t: Double(t), candidate: ArmCounts(requests: 100, bad: 5, latency: latency),
            baseline: ArmCounts(requests: 900, bad: 1), share: tenth)
    }

    private static func verdict(
        _ rules: [JudgeRuleName: RuleSpecification], seconds: Int = 20
    ) -> Verdict {
        var judge = SequentialJudge(configuration: configuration(rules))
        var last = judge.judge(failing(1))
        for t in 1..<seconds where last.verdict != .undo { last = judge.judge(failing(t + 1)) }
        return last
    }

    @Test func withoutSettingsErrorsUndo() { #expect(Self.verdict([:]).verdict == .undo) }

    private static let silenced: [JudgeRuleName: RuleSpecification] = [
        .slo: RuleSpecification(isOn: false), .hardStop: RuleSpecification(isOn: false),
        .burnRate: RuleSpecification(isOn: false),
    ]

    @Test func dryRunIsShownButNotActedOn() {
        var rules = Self.silenced
        rules[.errorsUndo] = RuleSpecification(dryRun: true)
        let verdict = Self.verdict(rules)
        #expect(verdict.verdict == .hold)
        #expect(verdict.evidence["errors-undo"]?.isReached == true && verdict.evidence["errors-undo"]?.dryRun == true)
    }

    @Test func offIsNotEvenShown() {
        var rules = Self.silenced
        rules[.errorsUndo] = RuleSpecification(isOn: false)
        let verdict = Self.verdict(rules)
        #expect(verdict.verdict == .hold && verdict.evidence["errors-undo"] == nil && verdict.evidence["slo"] == nil)
    }

    @Test func marginIsHowMuchWorseIsTolerated() {
        var rules = Self.silenced
        rules[.errorsUndo] = RuleSpecification(margin: 0.99)
        let wide = Self.verdict(rules, seconds: 1).evidence["errors-undo"]
        let narrow = Self.verdict(Self.silenced, seconds: 1).evidence["errors-undo"]
        #expect((wide?.lnE ?? 0) < (narrow?.lnE ?? 0))
    }

    @Test func weightMovesTheThreshold() {
        let most = Self.verdict([.errorsUndo: RuleSpecification(weight: 1)], seconds: 1).evidence["errors-undo"]
        let usual = Self.verdict([:], seconds: 1).evidence["errors-undo"]
        #expect((most?.threshold ?? 9) < (usual?.threshold ?? 0))
        var others = Self.silenced
        for name in [JudgeRuleName.latencyUndo, .countsUndo] { others[name] = RuleSpecification(isOn: false) }
        let alone = Self.verdict(others, seconds: 1).evidence["errors-undo"]
        #expect(abs((alone?.threshold ?? 0) - 4.605170185988091) < 1e-12, "the others' weight is its own")
    }

    @Test func aConfiguredMetricMustBeSeenBeforeAPromotion() {
        let orders = MetricSpecification(kind: .count, source: .instances, query: "orders_total")
        var judge = SequentialJudge(configuration: Self.configuration([:], metrics: ["orders": orders]))
        var seen = SequentialJudge(configuration: Self.configuration([:], metrics: ["orders": orders]))
        var verdicts: [VerdictKind] = []
        for t in 1...400 {
            var tick = JudgeTick(
                t: Double(t), candidate: ArmCounts(requests: 500), baseline: ArmCounts(requests: 500, bad: 1),
                share: Share(clamping: 5000))
            verdicts.append(judge.judge(tick).verdict)
            tick.counts = ["orders": BusinessCounts(candidate: 10, baseline: 10)]
            if t == 400 { #expect(seen.judge(tick).verdict == .promote) } else { _ = seen.judge(tick) }
        }
        #expect(!verdicts.contains(.promote))
        #expect(judge.judge(Self.failing(3600)).why.contains("counts-undo"))
    }

    @Test func fiveFailedQuestionsInARowUndo() {
        var judge = SequentialJudge(configuration: Self.configuration([:]))
        func tick(_ t: Int, _ failures: [String: String], _ counts: [String: BusinessCounts] = [:]) -> JudgeTick {
            JudgeTick(
                t: Double(t), candidate: ArmCounts(requests: 100), baseline: ArmCounts(requests: 900),
                share: Self.tenth, counts: counts, failures: failures)
        }
        let down = ["orders": "no connection"]
        for t in 1...4 { #expect(judge.judge(tick(t, down)).verdict == .hold) }
        _ = judge.judge(tick(5, [:], ["orders": BusinessCounts(candidate: 1, baseline: 9)]))
        for t in 6...9 { #expect(judge.judge(tick(t, down)).verdict == .hold, "an answer begins the count anew") }
        let verdict = judge.judge(tick(10, down))
        #expect(verdict.verdict == .undo && verdict.rule == "no-data")
        #expect(verdict.why.hasPrefix("The metric 'orders' could not be had 5 times in a row (no connection): "))
    }

    @Test func withoutASharePromotionNeedsNoRamp() {
        var judge = SequentialJudge(configuration: Self.configuration([:]))
        var promoted: Double?
        for t in stride(from: 5, through: 600, by: 5) {
            let verdict = judge.judge(
                JudgeTick(
                    t: Double(t), candidate: ArmCounts(requests: 100), baseline: ArmCounts(requests: 900, bad: 1)))
            if verdict.verdict == .promote, promoted == nil { promoted = verdict.t }
            #expect(promoted == nil || verdict.verdict == .promote, "a promotion stays")
        }
        #expect(promoted.map { $0 >= 180 && $0 <= 300 } == true)
    }
}
