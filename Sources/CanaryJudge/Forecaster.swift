public import DeliveryModel

/// Foretells what the judge would do with a service's traffic, by giving it the *expected* counts of every tick: no
/// chance is involved, so half of all rollouts take longer and half are quicker.
public struct Forecaster: Sendable {
    /// What is known of a service's traffic.
    public struct Traffic: Sendable, Equatable {
        public var requestsPerSecond: Double
        /// Part of requests that fail.
        public var errorRate: Double
        /// Requests by latency bucket, of any time; empty when unknown.
        public var latency: [Int: Double]

        public init(requestsPerSecond: Double, errorRate: Double, latency: [Int: Double] = [:]) {
            self.requestsPerSecond = requestsPerSecond.isFinite ? max(0, requestsPerSecond) : 0
            self.errorRate = errorRate.isFinite ? min(1, max(0, errorRate)) : 0
            self.latency = latency
        }
    }

    /// Excess error rates that are asked for.
    public static let excesses = [0.001, 0.01, 0.1, 1]
    /// Traffic below which nothing can be said.
    static let leastRequestsPerSecond = 0.01
    /// Points, as a fraction, that a promotion need not rule out.
    public static let tolerated = ErrorsPromoteRule.tolerance
    /// Ticks of one course, so that a long limit takes no longer to foretell.
    private static let ticks = 1500.0
    private static let longest = 604_800.0

    private let configuration: JudgeConfiguration
    private let traffic: Traffic
    private let estimate: Dispersion.Estimate?

    /// - Parameter dispersion: what was measured; `nil`: nothing.
    public init(_ configuration: JudgeConfiguration, _ traffic: Traffic, dispersion: Dispersion.Estimate?) {
        self.configuration = configuration
        self.traffic = traffic
        estimate = dispersion
    }

    private struct Course {
        var outcome: JudgeForecast.Defect.Outcome
        var seconds: Double
        var errors: Double
        var unproven: [JudgeRuleName]
    }

    public var forecast: JudgeForecast {
        var judge = SequentialJudge(configuration: configuration)
        judge.setDispersion(estimate)
        var result = JudgeForecast(
            requestsPerSecond: traffic.requestsPerSecond, errorRate: traffic.errorRate, phi: judge.phi,
            phiSource: judge.phiSource, limitSeconds: configuration.limitSeconds)
        guard traffic.requestsPerSecond >= Self.leastRequestsPerSecond else {
            result.undecided = [
                .init(rule: .errorsPromote, why: "there are hardly any requests: nothing can be compared")
            ]
            result.advice = ["Send it traffic, or promote by hand with 'nonevent rollout promote'."]
            return result
        }
        let healthy = course(excess: 0, limit: configuration.limitSeconds, estimate)
        result.promotedAfterSeconds = healthy.outcome == .promoted ? healthy.seconds : nil
        result.defects = Self.excesses.filter { $0 + traffic.errorRate <= 1 || $0 == 1 }.map { excess in
            let course = course(excess: excess, limit: configuration.limitSeconds, estimate)
            return .init(excess: excess, outcome: course.outcome, seconds: course.seconds, errors: course.errors)
        }
        if healthy.outcome != .promoted {
            result.undecided = healthy.unproven.map { .init(rule: $0, why: why($0)) }
        }
        result.advice = advice(healthy, judge)
        return result
    }

    /// One rollout of expected counts, the candidate failing `excess` more often than the baseline.
    private func course(excess: Double, limit: Double, _ estimate: Dispersion.Estimate?) -> Course {
        var configuration = configuration
        configuration.limitSeconds = limit
        configuration.requestsPerSecond = traffic.requestsPerSecond
        configuration.tickSeconds = max(1, limit / Self.ticks)
        var judge = SequentialJudge(configuration: configuration)
        judge.setDispersion(estimate)
        var share = firstShare(configuration)
        var fixed = 0
        var stepBegan = 0.0
        var errors = 0.0
        var t = 0.0
        while t < limit {
            // As closely as it is really looked at while a total failure would show, then as the limit allows.
            let step = t < 30 ? 0.2 : t < 300 ? 1 : configuration.tickSeconds
            t += step
            let requests = traffic.requestsPerSecond * step
            let candidate = arm(
                requests * share.fraction, min(1, traffic.errorRate + excess), isWarm: t > ArmCounts.warmUp.inSeconds)
            errors += candidate.bad
            let verdict = judge.judge(
                JudgeTick(
                    t: t, candidate: candidate,
                    baseline: arm(requests * share.rest.fraction, traffic.errorRate, isWarm: true), share: share))
            switch verdict.verdict {
            case .undo: return Course(outcome: .undone, seconds: t, errors: errors, unproven: [])
            case .promote where configuration.steps == .auto:
                return Course(outcome: .promoted, seconds: t, errors: errors, unproven: [])
            default: break
            }
            if case .fixed(let steps) = configuration.steps {
                guard t - stepBegan >= configuration.holdSeconds,
                    verdict.rule.isEmpty || verdict.verdict == .promote
                else { continue }
                (fixed, stepBegan) = (fixed + 1, t)
                guard fixed < steps.count, steps[fixed] < .all else {
                    return Course(outcome: .promoted, seconds: t, errors: errors, unproven: [])
                }
                share = steps[fixed]
            } else {
                share = max(share, verdict.share)
            }
        }
        return Course(outcome: .undecided, seconds: t, errors: errors, unproven: judge.rules.unproven)
    }

    private func firstShare(_ configuration: JudgeConfiguration) -> Share {
        if case .fixed(let steps) = configuration.steps { return steps.first ?? .all }
        return Ramp.firstShare(configuration)
    }

    private func arm(_ requests: Double, _ errorRate: Double, isWarm: Bool) -> ArmCounts {
        let all = traffic.latency.values.reduce(0, +)
        let latency = isWarm && all > 0 ? traffic.latency.mapValues { $0 / all * requests } : [:]
        return ArmCounts(requests: requests, bad: requests * errorRate, latency: latency)
    }

    private func why(_ rule: JudgeRuleName) -> String {
        let rate = Wording.number(traffic.requestsPerSecond)
        let limit = NumberText.duration(configuration.limitSeconds)
        return switch rule {
        case .errorsPromote:
            "\(rate) requests/s are too few to show within \(limit) that errors are no worse"
        case .latencyPromote: "\(rate) requests/s are too few to show within \(limit) that it is not slower"
        case .countsUndo, .gauges: "it needs metrics, which are not foretold here"
        default: "it cannot tell within \(limit)"
        }
    }

    private func advice(_ healthy: Course, _ judge: SequentialJudge) -> [String] {
        var advice: [String] = []
        if judge.phiSource == .assumed, judge.phi > 1 {
            advice.append(
                "The dispersion \(Wording.number(judge.phi)) is only assumed. With two or more instances, a day of "
                    + "traffic and some errors it is measured, and is then often smaller; 'judge.dispersion' sets it.")
        }
        guard healthy.outcome != .promoted else { return advice }
        if configuration.limitSeconds < Self.longest {
            let longer = course(excess: 0, limit: Self.longest, estimate)
            advice.append(
                longer.outcome == .promoted
                    ? "A 'judge.limit' of \(NumberText.duration(longer.seconds * 1.2)) or more would be enough."
                    : "Not even a 'judge.limit' of 7d would be enough.")
        }
        let measured = course(
            excess: 0, limit: configuration.limitSeconds,
            Dispersion.Estimate(phi: 1, historySeconds: Dispersion.enoughHistorySeconds, instances: 4))
        if judge.phi > 1, configuration.dispersion == nil, measured.outcome == .promoted {
            advice.append("With a dispersion of 1 it would take \(NumberText.duration(measured.seconds)).")
        }
        advice.append(
            "Until then 'judge.onInconclusive' decides at the limit (now '\(configuration.onInconclusive.rawValue)'); "
                + "fixed 'rollout.steps' go on without this proof, and errors, silence and the hard stop still undo.")
        return advice
    }
}
