import DeliveryModel
import Glibc

/// Does each arm receive what it is assigned? A skewed split (a sticky client, a router that does not follow, a broken
/// health check) makes every comparison doubtful, so the judge holds.
///
/// Given all requests, the candidate's part of them must be its assigned share: counts are the events and shares the
/// exposures of ``CountsProcess``, once against too many and once against too few.
struct SplitRule: Sendable, Equatable, Codable {
    /// How far the received share's odds may be off.
    static let tooMany = 1.25
    static let tooFew = 0.8
    /// Requests of one person come together and follow that person's assignment, so far fewer independent choices are
    /// seen than requests.
    static let phi = 10.0
    static let threshold = -log(0.001)
    /// Evidence beyond the threshold by this much is not gathered: it would hold the rollout for as long after the
    /// split has healed as it was skewed.
    private static let surplus = 2.0
    /// About a minute of 1-s ticks.
    private static let forgetting = exp(-1.0 / 60)
    private static let largestCount = 1e15

    private var above: CountsProcess
    private var below: CountsProcess
    private var recentCandidate = 0.0
    private var recentAll = 0.0
    private var recentDue = 0.0

    /// - Parameter restartTicks: ticks expected over the rollout.
    init(restartTicks: Double) {
        above = CountsProcess(
            ratio: Self.tooMany, grid: CountsProcess.worse, phi: Self.phi, restartTicks: restartTicks)
        below = CountsProcess(
            ratio: Self.tooFew, grid: CountsProcess.notWorse, phi: Self.phi, restartTicks: restartTicks)
    }

    /// Takes in the requests that both arms received in one tick; left out without any, and at a share of nothing or
    /// all.
    mutating func observe(candidate: Double, baseline: Double, share: Share) {
        guard share > .none, share < .all, candidate >= 0, baseline >= 0, candidate + baseline > 0 else { return }
        let candidate = min(Self.largestCount, candidate)
        let baseline = min(Self.largestCount, baseline)
        Self.advance(&above, candidate, baseline, share.fraction)
        Self.advance(&below, candidate, baseline, share.fraction)
        let all = candidate + baseline
        recentCandidate = recentCandidate * Self.forgetting + candidate
        recentAll = recentAll * Self.forgetting + all
        recentDue = recentDue * Self.forgetting + all * share.fraction
    }

    private static func advance(
        _ process: inout CountsProcess, _ candidate: Double, _ baseline: Double, _ share: Double
    ) {
        let before = process.logEvidence
        guard before >= threshold + log(2) + surplus else {
            process.observe(candidateBad: candidate, baselineBad: baseline, candidate: share, baseline: 1 - share)
            return
        }
        var next = process
        next.observe(candidateBad: candidate, baselineBad: baseline, candidate: share, baseline: 1 - share)
        if next.logEvidence < before { process = next }
    }

    var evidence: RuleEvidence {
        let mean = EvidenceMixture.logOfSum(above.logEvidence, below.logEvidence) - log(2)
        return RuleEvidence(lnE: mean, threshold: Self.threshold)
    }
    var fires: Bool { evidence.isReached }

    /// The candidate's recent part of all requests, 0 to 1; 0 before the first.
    var received: Double { recentAll > 0 ? recentCandidate / recentAll : 0 }
    /// The share it was assigned over the same requests.
    var assigned: Double { recentAll > 0 ? recentDue / recentAll : 0 }
}
