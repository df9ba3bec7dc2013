import Glibc

/// One-sample e-process: how much the counts speak against a rate of bad events of at most `limit`.
public struct RateProcess: Sendable, Equatable, Codable {
    /// Alternatives, as multiples of the limit.
    public static let factors: [Double] = [2, 5, 10, 20, 50, 100, 200, 500]

    /// `p0`, 0 < p0 < 0.95.
    public let limit: Double
    private let alternatives: [Double]
    private var mixture: EvidenceMixture

    /// - Parameters:
    ///   - factors: above 1 each.
    ///   - restartTicks: ticks expected over the rollout, for the process with restart; `nil` for the one without.
    /// - Returns: `nil` when `limit` leaves no room for anything worse.
    public init?(limit: Double, factors: [Double] = RateProcess.factors, restartTicks: Double?) {
        guard limit > 0, limit < 0.95 else { return nil }
        self.limit = limit
        let below = factors.map { $0 * limit }.filter { $0 < 0.9 }
        alternatives = below.isEmpty ? [(1 + limit) / 2] : below
        mixture = EvidenceMixture(alternatives: alternatives.count, restartTicks: restartTicks)
    }

    public mutating func observe(bad: Double, requests: Double, phi: Double) {
        guard requests > 0, requests.isFinite, bad >= 0 else { return }
        let (alternatives, limit) = (alternatives, limit)
        mixture.update { index in
            let rate = alternatives[index]
            return (bad * log(rate / limit) + (requests - bad) * (log1p(-rate) - log1p(-limit))) / max(1, phi)
        }
    }

    /// `ln E`; always finite.
    public var logEvidence: Double { mixture.logEvidence }
}
