import Glibc

/// The mean of several e-processes, one for each alternative, kept as logarithms so that neither huge nor vanishing
/// evidence is lost.
///
/// With a restart the process of each alternative gets new stake at every tick, so that a defect that begins late is
/// found as
/// quickly as one there from the start (e-detectors: Shin, Ramdas and Rinaldo, arXiv:2203.03532).
struct EvidenceMixture: Sendable, Equatable, Codable {
    /// Beyond this, logarithms say nothing more; it keeps every number finite.
    static let bound = 1e12

    /// `ln S_k`.
    private(set) var logs: [Double]
    /// Stake per tick, `1 / (2 * ticks expected)`; 0: no restart.
    let restart: Double
    private(set) var ticks = 0.0

    /// - Parameters:
    ///   - alternatives: how many, at least 1.
    ///   - restartTicks: ticks expected over the whole rollout; `nil` for a process without restart.
    init(alternatives: Int, restartTicks: Double?) {
        restart = restartTicks.map { 1 / (2 * max(1, $0)) } ?? 0
        logs = [Double](repeating: restart > 0 ? log(0.5) : 0, count: max(1, alternatives))
    }

    /// As many ticks as planned have had their stake.
    var isSpent: Bool { restart > 0 && restart * ticks >= 0.5 }

    /// Multiplies the evidence of each alternative by `e^increment`.
    mutating func update(_ increment: (Int) -> Double) {
        let stake = restart > 0 ? log(restart) : -Double.infinity
        for index in logs.indices {
            let factor = increment(index)
            guard factor.isFinite else { continue }
            let before = restart > 0 ? Self.logOfSum(logs[index], stake) : logs[index]
            logs[index] = min(Self.bound, max(-Self.bound, before + factor))
        }
        ticks += 1
    }

    /// The same for one alternative alone, without restart; ``endTick()`` follows when all have theirs.
    mutating func add(_ increment: Double, to index: Int) {
        guard increment.isFinite else { return }
        logs[index] = min(Self.bound, max(-Self.bound, logs[index] + increment))
    }

    mutating func endTick() { ticks += 1 }

    /// `ln E`.
    var logEvidence: Double {
        let mean = Self.logMean(logs)
        let unspent = restart > 0 ? max(0, 0.5 - restart * ticks) : 0
        return unspent > 0 ? Self.logOfSum(mean, log(unspent)) : mean
    }

    /// `ln` of the mean of e-values, which is one too, however they depend on each other; 0 of none.
    static func logMean(_ logs: [Double]) -> Double {
        guard let largest = logs.max() else { return 0 }
        return largest + log(logs.reduce(0) { $0 + exp($1 - largest) }) - log(Double(logs.count))
    }

    /// `ln(e^a + e^b)`.
    static func logOfSum(_ left: Double, _ right: Double) -> Double {
        let (low, high) = left < right ? (left, right) : (right, left)
        return high == -.infinity ? high : high + log1p(exp(low - high))
    }
}
