import Glibc

/// Two-sample likelihood-ratio e-process on counts of bad events: how much the counts speak against `p_c <= ratio * p_b
/// + slack`
/// (alternatives above 1) or against `p_c >= ratio * p_b + slack` (alternatives below 1).
///
/// Valid at every look, for any rates, unequal and changing traffic shares: `P(sup E >= 1/alpha) <= alpha` under the
/// null (Ville).
/// Relatives: Lindon and Malek, arXiv:2011.03567; Howard et al., time-uniform confidence sequences.
public struct CountsProcess: Sendable, Equatable, Codable {
    /// Alternatives for "the candidate is worse".
    public static let worse: [Double] = [1.2, 1.5, 2, 3, 5, 10, 30, 100, 1000]
    /// Alternatives for "the candidate is not worse".
    public static let notWorse: [Double] = [0.95, 0.85, 0.75, 0.65, 0.5, 0.35, 0.2, 0.05]

    /// `r0 > 0`.
    public let ratio: Double
    /// `d >= 0`.
    public let slack: Double
    /// `g_k > 0`, none equal to 1.
    public let grid: [Double]
    /// Dispersion, at least 1; may change between ticks.
    public private(set) var phi: Double
    private var mixture: EvidenceMixture

    /// - Parameter restartTicks: ticks expected over the rollout, for the process with restart; `nil` for the one
    ///   without.
    public init(ratio: Double, slack: Double = 0, grid: [Double], phi: Double = 1, restartTicks: Double? = nil) {
        self.ratio = ratio
        self.slack = slack
        self.grid = grid
        self.phi = max(1, phi)
        mixture = EvidenceMixture(alternatives: grid.count, restartTicks: restartTicks)
    }

    /// Uses `phi` from the next tick on; smaller than 1 counts as 1.
    public mutating func setDispersion(_ phi: Double) { self.phi = phi.isFinite ? max(1, phi) : self.phi }

    /// Takes in one tick. Without requests on both sides it carries no evidence and changes nothing.
    public mutating func observe(candidateBad: Double, baselineBad: Double, candidate: Double, baseline: Double) {
        guard candidate > 0, baseline > 0, candidate.isFinite, baseline.isFinite, candidateBad >= 0, baselineBad >= 0
        else { return }
        let weighted = candidate * ratio
        let total = weighted + baseline
        let (grid, slack, phi) = (grid, slack, phi)
        let isQuiet = candidateBad == 0 && baselineBad == 0
        // Longer than planned: the stake is spent, and quiet ticks alone must not add up to evidence.
        if isQuiet, slack == 0, mixture.isSpent { return }
        mixture.update { index in
            let alternative = grid[index]
            // Most ticks: no logarithm is needed when nothing failed.
            if isQuiet, slack == 0 { return 0 }
            let denominator = weighted * alternative + baseline
            // ln b and a - 1 in forms that lose no digits when the two arms differ by many orders of magnitude.
            let logB = -log1p(weighted * (alternative - 1) / total)
            let logA = log(alternative) + logB
            let excess = baseline * (alternative - 1) / denominator
            return (candidateBad * logA + baselineBad * logB - candidate * slack * excess) / phi
        }
    }

    /// `ln E`; always finite.
    public var logEvidence: Double { mixture.logEvidence }
}
