import CanaryJudge
import DeliveryModel
import Testing

/// Healthy rollouts, simulated with a fixed seed: how many are undone although nothing is wrong?
@Suite struct FalseUndoTests {
    static let rollouts = 100

    @Test func clusteredErrorsAreTolerated() {
        #expect(falseUndos(phi: 4, largestCluster: 4, seed: 1) <= Self.rollouts * 2 / 100)
    }

    @Test func independentErrorsAreTolerated() {
        #expect(falseUndos(phi: 1, largestCluster: 1, seed: 2) <= Self.rollouts / 100)
    }

    @Test func littleTrafficIsTolerated() {
        #expect(falseUndos(phi: 4, largestCluster: 1, seed: 3, requestsPerSecond: 5) <= Self.rollouts / 100)
    }

    /// 300 ticks of a second at 10 %, errors 0.1 % in both arms, arriving in clusters of 1 to `largestCluster` in one
    /// arm.
    private func falseUndos(
        phi: Double, largestCluster: Int, seed: UInt64, requestsPerSecond: Double = 200
    ) -> Int {
        var random = SplitMix64(seed: seed)
        let share = Share(clamping: 1000)
        let meanCluster = Double(1 + largestCluster) / 2
        var undone = 0
        for _ in 0..<Self.rollouts {
            var judge = SequentialJudge(configuration: JudgeConfiguration(dispersion: phi))
            for second in 1...300 {
                func arm(_ fraction: Double, _ random: inout SplitMix64) -> ArmCounts {
                    let requests = random.poisson(requestsPerSecond * fraction)
                    var bad = 0.0
                    let clusters = Int(random.poisson(requestsPerSecond * fraction * 0.001 / meanCluster))
                    for _ in 0..<clusters { bad += Double(Int.random(in: 1...largestCluster, using: &random)) }
                    return ArmCounts(requests: max(requests, bad), bad: bad)
                }
                let candidate = arm(0.1, &random)
                let baseline = arm(0.9, &random)
                let tick = JudgeTick(t: Double(second), candidate: candidate, baseline: baseline)
                if judge.judge(tick, share: share).verdict == .undo {
                    undone += 1
                    break
                }
            }
        }
        return undone
    }
}

/// The same for ticks as the control plane makes them: it looks at the router's counts every 200 ms and judges at once
/// when the candidate has new bad requests, else after a second. When a tick ends so depends on how requests ended.
@Suite struct PromptTickTests {
    static let looksPerSecond = 5
    /// Few, for the time they take; of 2,000 of each kind at most 3 were undone.
    static let rollouts = 50

    @Test(arguments: [100, 1000, 5000])
    func independentErrorsAreTolerated(basisPoints: Int) {
        let service = Service(share: Share(clamping: basisPoints))
        #expect(Self.falseUndos(service, phi: 1, seed: 4) * 100 <= Self.rollouts * 2)
    }

    @Test(arguments: [100, 1000, 5000])
    func clusteredErrorsAreTolerated(basisPoints: Int) {
        let service = Service(share: Share(clamping: basisPoints), largestCluster: 4)
        #expect(Self.falseUndos(service, phi: 4, seed: 5) * 100 <= Self.rollouts * 2)
    }

    /// The simulation is able to find a judge that undoes healthy releases.
    @Test func clustersTakenForIndependentErrorsAreNotTolerated() {
        let service = Service(share: Share(clamping: 5000), errorRate: 0.01, largestCluster: 12)
        #expect(Self.falseUndos(service, phi: 1, seed: 6) * 100 > Self.rollouts * 2)
    }

    /// Five prove that it never answered well, once the baseline is known; a look may find several more at once.
    @Test func totalFailureIsUndoneWithinFewErrors() {
        let service = Service(requestsPerSecond: 500, share: Share(clamping: 100), candidateErrorRate: 1)
        let endings = (1...200).map { Self.rollout(service, phi: 4, seconds: 10, seed: UInt64($0)) }
        let errors = endings.map(\.candidateErrors).sorted()
        #expect(endings.allSatisfy { $0.isUndone })
        #expect(errors.allSatisfy { $0 <= 10 }, "most: \(errors.suffix(5))")
        #expect(errors[100] <= 6)
    }

    /// A service and its candidate; requests arrive independently, errors in clusters of 1 to `largestCluster`.
    struct Service {
        var requestsPerSecond = 200.0
        var share: Share
        var errorRate = 0.001
        var candidateErrorRate: Double?
        var largestCluster = 1

        func arrivals(part: Double, errorRate: Double, seconds: Double, _ random: inout SplitMix64) -> ArmCounts {
            let requests = requestsPerSecond * part * seconds
            let good = random.poisson(requests * (1 - errorRate))
            let clusters = Int(random.poisson(requests * errorRate / (Double(1 + largestCluster) / 2)))
            let bad = (0..<clusters).reduce(0) { sum, _ in sum + Int.random(in: 1...largestCluster, using: &random) }
            return ArmCounts(requests: good + Double(bad), bad: Double(bad))
        }
    }

    struct Ending {
        var isUndone = false
        var candidateErrors = 0.0
    }

    private static func falseUndos(_ service: Service, phi: Double, seed: UInt64) -> Int {
        var seeds = SplitMix64(seed: seed)
        return (0..<rollouts).count { _ in rollout(service, phi: phi, seconds: 300, seed: seeds.next()).isUndone }
    }

    private static func rollout(_ service: Service, phi: Double, seconds: Int, seed: UInt64) -> Ending {
        var random = SplitMix64(seed: seed)
        var judge = SequentialJudge(configuration: JudgeConfiguration(dispersion: phi))
        var ending = Ending()
        var candidate = ArmCounts(requests: 0, bad: 0)
        var looks = 0
        for look in 1...(seconds * looksPerSecond) {
            let new = service.arrivals(
                part: service.share.fraction, errorRate: service.candidateErrorRate ?? service.errorRate,
                seconds: 1 / Double(looksPerSecond), &random)
            candidate.requests += new.requests
            candidate.bad += new.bad
            ending.candidateErrors += new.bad
            looks += 1
            guard looks == looksPerSecond || candidate.bad > 0 else { continue }
            // Drawn once a tick: the baseline has no say in when a tick ends.
            let baseline = service.arrivals(
                part: service.share.rest.fraction, errorRate: service.errorRate,
                seconds: Double(looks) / Double(looksPerSecond), &random)
            let tick = JudgeTick(t: Double(look) / Double(looksPerSecond), candidate: candidate, baseline: baseline)
            ending.isUndone = judge.judge(tick, share: service.share).verdict == .undo
            if ending.isUndone { break }
            candidate = ArmCounts(requests: 0, bad: 0)
            looks = 0
        }
        return ending
    }
}

/// Both releases fail alike from the first request on: the cause is elsewhere, and no rule may take it for the
/// candidate's.
@Suite struct BothBurningTests {
    static let rollouts = 200

    @Test(arguments: [(0.2, 0.2), (0.5, 0.2), (0.8, 0.2), (0.8, 0.5)])
    func isHardlyEverUndone(_ share: Double, _ errorRate: Double) {
        var random = SplitMix64(seed: 8)
        var undone: [String] = []
        for _ in 0..<Self.rollouts {
            var judge = SequentialJudge(configuration: JudgeConfiguration())
            for second in 1...60 {
                func arm(_ fraction: Double) -> ArmCounts {
                    let bad = random.poisson(30 * fraction * errorRate)
                    return ArmCounts(requests: bad + random.poisson(30 * fraction * (1 - errorRate)), bad: bad)
                }
                let tick = JudgeTick(
                    t: Double(second), candidate: arm(share), baseline: arm(1 - share), share: Share(fraction: share))
                let verdict = judge.judge(tick)
                if verdict.verdict == .undo {
                    undone.append("\(verdict.rule) at \(second) s: \(verdict.why)")
                    break
                }
            }
        }
        #expect(undone.count * 100 <= Self.rollouts, "\(undone)")
    }
}
