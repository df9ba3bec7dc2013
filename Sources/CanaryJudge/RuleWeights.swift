import DeliveryModel
import Glibc

/// How much each undo rule counts. A mean of e-values is an e-value under any dependence (Vovk and Wang,
/// arXiv:1912.06116), so several rules together keep one bound on false alarms.
struct RuleWeights: Sendable, Equatable, Codable {
    private static let errors = 0.4
    private static let latency = 0.4
    private static let counts = 0.2

    let errors: Double
    let latency: Double
    let counts: Double
    /// Of the latency's weight, in the order of ``LatencyRules/quantiles``: the slowest requests count most.
    static let quantiles = [0.1, 0.1, 0.2]

    /// Rules that are off or only for show leave their weight to the others.
    init(_ configuration: JudgeConfiguration) {
        func weight(_ rule: JudgeRuleName, _ standard: Double) -> Double {
            guard configuration.acts(rule) else { return 0 }
            guard let weight = configuration.rules[rule]?.weight, weight > 0, weight.isFinite else { return standard }
            return weight
        }
        let wanted = [
            weight(.errorsUndo, Self.errors), weight(.latencyUndo, Self.latency), weight(.countsUndo, Self.counts),
        ]
        let sum = max(wanted.reduce(0, +), 1e-9)
        (errors, latency, counts) = (wanted[0] / sum, wanted[1] / sum, wanted[2] / sum)
    }

    /// `ln` of the weighted sum of the e-values whose logarithms are given.
    func combined(errors: Double, latency: Double, counts: Double) -> Double {
        [(self.errors, errors), (self.latency, latency), (self.counts, counts)].reduce(-Double.infinity) { sum, part in
            part.0 > 0 ? EvidenceMixture.logOfSum(sum, log(part.0) + part.1) : sum
        }
    }

    /// What one rule's `ln E` must reach to decide alone.
    static func threshold(_ threshold: Double, weight: Double) -> Double {
        weight > 0 ? threshold - log(weight) : threshold
    }
}
