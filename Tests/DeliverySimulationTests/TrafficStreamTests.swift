import CanaryJudge
import DeliveryModel
import Testing

@testable import DeliverySimulation

@Suite struct TrafficStreamTests {
    private static let share = Share(clamping: 1000)

    /// All arms' and hours' counts of some streams.
    private static func totals(_ world: TrafficWorld, streams: Int) -> (requests: Double, bad: Double) {
        var world = world
        world.measuresLatency = false
        var (requests, bad) = (0.0, 0.0)
        for index in 0..<streams {
            var stream = TrafficStream(world, seed: 5, index: index)
            for _ in 0..<720 {
                let sample = stream.next(share: Self.share)
                requests += sample.candidate.requests + sample.baseline.requests
                bad += sample.candidate.bad + sample.baseline.bad
            }
        }
        return (requests, bad)
    }

    /// Errors of an hour against the base rate. By hand: bursts `1 + 9 * seconds / 3600`; day `1.125 * (1 + 9 * 180 /
    /// 3600)`, 1.125 being the mean square of the swing; a cold start nearly nothing.
    @Test(arguments: [
        (NoiseKind.independent, 1, 0.05), (.clusters, 1, 0.1), (.shortBursts, 1.05, 0.08), (.longBursts, 1.3, 0.15),
        (.instanceBias, 1, 0.1), (.diurnal, 1.63, 0.2), (.startup, 1, 0.05),
    ])
    func meanRateOfErrorsIsKnown(noise: NoiseKind, factor: Double, tolerance: Double) {
        let (requests, bad) = Self.totals(TrafficWorld(noise: noise), streams: 16)
        #expect(abs(bad / requests / 0.001 / factor - 1) < tolerance)
        let expected = 16.0 * 3600 * 200
        #expect(abs(requests / expected - 1) < (noise == .diurnal ? 0.3 : 0.01))
    }

    @Test func sparseTrafficIsOneRequestASecond() {
        let (requests, _) = Self.totals(TrafficWorld(noise: .sparse), streams: 4)
        #expect(abs(requests / (4 * 3600) - 1) < 0.05)
    }

    @Test func clustersComeWhole() {
        var stream = TrafficStream(TrafficWorld(noise: .clusters), seed: 1, index: 0)
        let bad = (0..<100).map { _ in stream.next(share: Self.share).baseline.bad }
        #expect(bad.allSatisfy { $0.truncatingRemainder(dividingBy: 6) == 0 })
        #expect(bad.contains { $0 > 0 })
    }

    @Test func defectsDoWhatTheySay() {
        func first(_ defect: Defect, ticks: Int = 1) -> TickSample {
            var stream = TrafficStream(TrafficWorld(defect: defect), seed: 1, index: 0)
            for _ in 1..<ticks { _ = stream.next(share: Self.share) }
            return stream.next(share: Self.share)
        }
        let allFail = first(.allFail)
        #expect(allFail.candidate.bad == allFail.candidate.requests)
        #expect(allFail.baseline.bad < 10)
        #expect(first(.tenPoints).candidate.bad > 3)
        // Five of a hundred requests a tick from the 121st on.
        #expect((101...120).reduce(0) { $0 + first(.late, ticks: $1).candidate.bad } < 15)
        #expect((121...140).reduce(0) { $0 + first(.late, ticks: $1).candidate.bad } > 60)
        #expect(abs(first(.leak, ticks: 720).candidate.memory.reduce(0, +) - 500 * 2.2) < 100)
    }

    @Test func aSeedGivesTheSameTrafficWithAndWithoutLatencies() {
        var quiet = TrafficWorld(noise: .longBursts)
        quiet.measuresLatency = false
        var first = TrafficStream(TrafficWorld(noise: .longBursts), seed: 4, index: 2)
        var second = TrafficStream(TrafficWorld(noise: .longBursts), seed: 4, index: 2)
        var third = TrafficStream(quiet, seed: 4, index: 2)
        for _ in 0..<20 {
            let sample = first.next(share: Self.share)
            let other = third.next(share: Self.share)
            #expect(sample == second.next(share: Self.share))
            #expect(sample.candidate.bad == other.candidate.bad && sample.baseline.orders == other.baseline.orders)
            #expect(other.candidate.latency.isEmpty)
        }
    }

    @Test func latenciesOfAColdCandidateAreLeftOut() {
        var stream = TrafficStream(TrafficWorld(noise: .startup), seed: 1, index: 0)
        let ticks = (0..<13).map { _ in stream.next(share: Self.share).judgeTick() }
        #expect(ticks[11].candidate?.latency.isEmpty == true)
        #expect(ticks[11].baseline?.latency.isEmpty == false)
        #expect(ticks[12].candidate?.latency.isEmpty == false)
    }

    @Test func whatTheJudgeGetsCanBeJudged() {
        for noise in NoiseKind.allCases {
            var stream = TrafficStream(TrafficWorld(noise: noise, defect: .allFail), seed: 1, index: 0)
            for _ in 0..<10 {
                let tick = stream.next(share: Self.share).judgeTick()
                #expect(tick.problem(after: nil) == nil)
                let latencies = tick.baseline?.latency.values.reduce(0, +)
                #expect(latencies == tick.baseline?.requests)
            }
        }
    }

    /// Clusters of c make the variance c times the mean; other kinds by hand for 15 errors a cell: bias `1 + 15 *
    /// 0.15^2` on average, bursts of 120 s about 9.
    @Test(arguments: [
        (NoiseKind.independent, 1.0, 1.2), (.clusters, 5, 7), (.longBursts, 6, 13), (.instanceBias, 1, 2.2),
        (.diurnal, 1, 1.2), (.sparse, 1, 1.3),
    ])
    func dispersionIsWhatTheorySays(noise: NoiseKind, low: Double, high: Double) throws {
        let estimate = try #require(BaselineHistory.dispersion(TrafficWorld(noise: noise), .day, seed: 2, index: 0))
        #expect(estimate.phi >= low && estimate.phi <= high, "\(estimate.phi)")
        #expect(estimate.historySeconds == 86_400)
        #expect(estimate.instances == 4)
    }

    @Test func withoutHistoryThereIsNoEstimate() {
        #expect(BaselineHistory.dispersion(TrafficWorld(), .none, seed: 2, index: 0) == nil)
    }
}
