import DeliveryModel
import FoundationEssentials
import Glibc
import Testing

@testable import CanaryJudge

@Suite struct RatioSequenceTests {
    @Test func nothingIsKnownWithoutBadEvents() {
        var sequence = RatioSequence()
        sequence.observe(candidateBad: 0, baselineBad: 0, candidate: 10, baseline: 90, phi: 1)
        sequence.observe(candidateBad: 1, baselineBad: 0, candidate: 10, baseline: 0, phi: 1)
        sequence.observe(candidateBad: 1, baselineBad: 0, candidate: .nan, baseline: 90, phi: 1)
        #expect(sequence.interval == nil && sequence == RatioSequence())
    }

    @Test func oneSidedCountsLeaveOneEndOpen() throws {
        var none = RatioSequence()
        none.observe(candidateBad: 0, baselineBad: 30, candidate: 100, baseline: 100, phi: 1)
        let below = try #require(none.interval)
        #expect(below.estimate == 0 && below.low == 0 && below.high > 0.1 && below.high < 0.5)
        var all = RatioSequence()
        all.observe(candidateBad: 30, baselineBad: 0, candidate: 100, baseline: 100, phi: 1)
        let above = try #require(all.interval)
        #expect(abs(above.high - exp(9)) < 1e-6 && above.estimate == above.high)
        #expect(above.low > 2 && above.low < 10 && abs(above.low * below.high - 1) < 0.1)
    }

    /// Long after the interval has become narrower than the grid's step, and at ratios on and between its points.
    @Test(arguments: [0.05, 0.52, 0.97, 1, 1.03, 1.9, 6, 20, 300])
    func narrowIntervalsAreAsExactAsTheNormalApproximation(ratio: Double) throws {
        for size in [1e4, 1e6] {
            var sequence = RatioSequence()
            let (candidate, baseline) = (size * ratio / (ratio + 9), size * 9 / (ratio + 9))
            sequence.observe(
                candidateBad: candidate, baselineBad: baseline, candidate: 10, baseline: 90, phi: 1)
            let interval = try #require(sequence.interval)
            let deviation = (1 / candidate + 1 / baseline).squareRoot()
            #expect(abs(log(interval.estimate / ratio)) < max(0.0015, deviation / 10))
            // e-process at 20 with a prior of density w at the truth: 2 * ln(20 / (w * deviation * sqrt(2 * pi))).
            let density = 0.5 / (.pi * (0.25 + log(ratio) * log(ratio)))
            let width = (2 * log(20 / (density * deviation * (2 * .pi).squareRoot()))).squareRoot() * deviation
            #expect(abs(log(interval.high / ratio) / width - 1) < 0.25)
            #expect(abs(log(ratio / interval.low) / width - 1) < 0.25)
        }
    }

    @Test func swappedArmsInvertTheRatio() throws {
        var one = RatioSequence()
        var other = RatioSequence()
        for share in [5.0, 10, 30] {
            one.observe(candidateBad: 7, baselineBad: 20, candidate: share, baseline: 100 - share, phi: 2)
            other.observe(candidateBad: 20, baselineBad: 7, candidate: 100 - share, baseline: share, phi: 2)
        }
        let (left, right) = (try #require(one.interval), try #require(other.interval))
        #expect(abs(left.estimate * right.estimate - 1) < 0.01)
        #expect(abs(left.low * right.high - 1) < 0.02 && abs(left.high * right.low - 1) < 0.02)
    }

    @Test func scaleAndSplitTicksDoNotMatter() throws {
        var whole = RatioSequence()
        var halves = RatioSequence()
        for _ in 0..<10 {
            whole.observe(candidateBad: 4, baselineBad: 9, candidate: 200, baseline: 1800, phi: 1)
            halves.observe(candidateBad: 1, baselineBad: 9, candidate: 10, baseline: 90, phi: 1)
            halves.observe(candidateBad: 3, baselineBad: 0, candidate: 1e9, baseline: 9e9, phi: 1)
        }
        let (left, right) = (try #require(whole.interval), try #require(halves.interval))
        #expect(abs(left.estimate - right.estimate) < 1e-9)
        #expect(abs(left.low - right.low) < 1e-9 && abs(left.high - right.high) < 1e-9)
    }

    @Test func dispersionWidensTheInterval() throws {
        func width(_ phi: Double) throws -> Double {
            var sequence = RatioSequence()
            sequence.observe(candidateBad: 40, baselineBad: 360, candidate: 10, baseline: 90, phi: phi)
            let interval = try #require(sequence.interval)
            return log(interval.high / interval.low)
        }
        #expect(try width(4) > 1.6 * width(1))
        #expect(try width(.nan) == width(1))
    }

    /// How often the true ratio leaves the interval at any look, over streams whose share and rate change.
    private func misses(ratio: Double, rate: Double, streams: Int, seed: UInt64) throws -> Int {
        var random = SplitMix64(seed: seed)
        var missed = 0
        for _ in 0..<streams {
            var sequence = RatioSequence()
            var isOut = false
            for tick in 1...120 {
                let candidate = [5.0, 20, 60, 100][tick / 30 % 4]
                let now = rate * (1 + 0.5 * sin(Double(tick) / 20))
                sequence.observe(
                    candidateBad: random.poisson(candidate * now * ratio),
                    baselineBad: random.poisson((200 - candidate) * now), candidate: candidate,
                    baseline: 200 - candidate, phi: 1)
                guard let interval = sequence.interval else { continue }
                #expect(interval.low <= interval.estimate && interval.estimate <= interval.high)
                if ratio < interval.low || ratio > interval.high { isOut = true }
            }
            missed += isOut ? 1 : 0
        }
        return missed
    }

    @Test func theTrueRatioStaysInsideAtAllLooks() throws {
        #expect(try misses(ratio: 1, rate: 0.01, streams: 400, seed: 11) <= 20)
        #expect(try misses(ratio: 1, rate: 2, streams: 100, seed: 12) <= 5)
        #expect(try misses(ratio: 2.3, rate: 0.05, streams: 100, seed: 13) <= 5)
        #expect(try misses(ratio: 15, rate: 0.02, streams: 100, seed: 14) <= 5)
    }

    @Test(arguments: [1e-9, 1, 1e12, 1e300])
    func extremesStayFinite(count: Double) throws {
        for (mine, others) in [(count, 0.0), (0, count), (count, count), (count, 1), (1, count)] {
            var sequence = RatioSequence()
            for tick in 0..<300 {
                sequence.observe(
                    candidateBad: mine, baselineBad: others, candidate: tick % 2 == 0 ? 1e-9 : 1e300,
                    baseline: tick % 3 == 0 ? 1e12 : 1, phi: 1)
                guard tick % 30 == 0 else { continue }
                let interval = try #require(sequence.interval)
                #expect(interval.estimate.isFinite && interval.high.isFinite && interval.low >= 0)
                #expect(interval.low <= interval.estimate && interval.estimate <= interval.high)
            }
            #expect(try JSONDecoder().decode(RatioSequence.self, from: JSONEncoder().encode(sequence)) == sequence)
        }
    }
}
