public import DeliveryModel

/// How much traffic comes next when the judge decides.
public enum Ramp {
    /// Requests per second that the first step gives the candidate if it can, so that there is something to judge.
    static let firstRequestsPerSecond = 5.0
    static let smallestFirst = 0.01
    static let largestFirst = 0.05

    /// The share that costs no more than this rollout's part of the error budget, should a part `excess` of the
    /// candidate's requests
    /// fail until traffic is gone: `B / (R * T_lag * U)`, in which the request rate cancels out.
    static func affordable(_ configuration: JudgeConfiguration, excess: Double) -> Double {
        configuration.budgetPart * configuration.budget * configuration.periodSeconds
            / (max(0.001, configuration.lagSeconds) * max(1e-6, excess))
    }

    /// The first share of a computed rollout: 1 % to 5 %, the less the more traffic there is, and never more than the
    /// budget affords
    /// if every request fails.
    public static func firstShare(_ configuration: JudgeConfiguration) -> Share {
        let wanted = configuration.requestsPerSecond.map { firstRequestsPerSecond / max(0.001, $0) } ?? smallestFirst
        let clamped = min(largestFirst, max(smallestFirst, wanted))
        return share(min(clamped, affordable(configuration, excess: 1)), configuration)
    }

    /// `min(3 * share, 0.5, B / (R * T_lag * U))`, never less than now.
    public static func nextShare(after share: Share, excessRuledOut: Double, _ configuration: JudgeConfiguration)
        -> Share
    {
        let next = min(3 * share.fraction, affordable(configuration, excess: excessRuledOut))
        return max(share, Self.share(next, configuration))
    }

    private static func share(_ fraction: Double, _ configuration: JudgeConfiguration) -> Share {
        let points = Int((min(1, max(0, fraction)) * 10_000 + 1e-6).rounded(.down))
        return min(configuration.maximumShare, Share(clamping: max(1, points)))
    }
}
