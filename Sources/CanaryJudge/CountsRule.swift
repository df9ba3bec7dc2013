import DeliveryModel

/// Does the candidate lose business (orders, sign-ups)? Compares events with the *assigned* shares of people, not with
/// requests: a broken candidate has fewer requests of its own as well, and its rate per request would look healthy.
///
/// Given how many events both arms have together, each falls to the candidate with the chance of its share; the E of
/// ``CountsProcess`` then needs no Poisson assumption.
struct CountsRule: Sendable, Equatable, Codable {
    /// The candidate's events as part of what is due to it.
    static let drops: [Double] = [0.97, 0.93, 0.85, 0.7, 0.5, 0.2, 0.02]
    /// Beyond this a tick's count says nothing more, and sums stay finite.
    private static let largestCount = 1e15

    private var process: CountsProcess
    /// Events since the rollout began, of the ticks that were judged.
    private(set) var candidateEvents = 0.0
    private(set) var baselineEvents = 0.0
    /// What the candidate would have had, had it done as well as the baseline.
    private(set) var expectedEvents = 0.0

    /// - Parameters:
    ///   - margin: drop that is tolerated, as a fraction, 0 <= x < 1.
    ///   - restartTicks: ticks expected over the rollout; `nil` for a process without restart.
    init(margin: Double = 0.02, grid: [Double] = drops, restartTicks: Double?) {
        let tolerated = margin.isFinite ? min(0.99, max(0, margin)) : 0.02
        process = CountsProcess(ratio: 1 - tolerated, grid: grid, restartTicks: restartTicks)
    }

    /// Takes in one tick.
    ///
    /// - Parameter share: people assigned to the candidate, used unless the counts bring their own; at 0 or 1, or when
    ///   it is not a number, nothing can be compared and the tick is left out, as is one without events.
    mutating func observe(_ counts: BusinessCounts, share: Double, phi: Double) {
        let share = counts.share ?? share
        // Without events nothing is learnt, but a restart would add its stake: silence must not grow into evidence.
        guard share > 0, share < 1, counts.candidate >= 0, counts.baseline >= 0, counts.candidate + counts.baseline > 0
        else { return }
        let candidate = min(Self.largestCount, counts.candidate)
        let baseline = min(Self.largestCount, counts.baseline)
        process.setDispersion(phi)
        process.observe(candidateBad: candidate, baselineBad: baseline, candidate: share, baseline: 1 - share)
        candidateEvents += candidate
        baselineEvents += baseline
        expectedEvents += baseline * share / (1 - share)
    }

    /// `ln E`; always finite.
    var logEvidence: Double { process.logEvidence }
}
