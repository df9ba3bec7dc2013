import FoundationEssentials
import Glibc
import Testing

@testable import CanaryJudge

@Suite struct LatencyReferenceTests {
    @Test func quantileOfALumpLiesBelowIt() {
        var reference = LatencyReference()
        #expect(reference.quantileBucket(0.5) == nil)
        reference.add([-100: 50])
        for quantile in [0, 0.5, 0.9, 0.99, 1] { #expect(reference.quantileBucket(quantile) == -101) }
    }

    @Test func exactlyAsManyAboveIsEnough() {
        var reference = LatencyReference()
        reference.add([-100: 50, -50: 40, 0: 9, 10: 1])
        #expect(reference.quantileBucket(0.5) == -51)
        #expect(reference.quantileBucket(0.9) == -1)
        #expect(reference.quantileBucket(0.99) == 9)
        #expect(reference.quantileBucket(0.4) == -101)
    }

    @Test func whatLiesOutsideCountsAtTheEnds() {
        var reference = LatencyReference()
        reference.add([Int.min: 1])
        #expect(reference.quantileBucket(0.5) == -561)
        reference.add([Int.max: 1e12])
        #expect(reference.quantileBucket(0.5) == 331)
    }

    /// Long enough for a rescale, against weights that shrink at every tick.
    @Test func agreesWithTheDefinition() {
        var random = SplitMix64(seed: 7)
        var reference = LatencyReference()
        var plain: [Int: Double] = [:]
        for tick in 1...9000 {
            var histogram: [Int: Double] = [:]
            for _ in 0..<5 { histogram[-300 + Int(random.poisson(20)) * 7 + tick / 500] = random.poisson(3) }
            reference.add(histogram)
            for bucket in plain.keys { plain[bucket, default: 0] *= LatencyReference.factor }
            for (bucket, count) in histogram { plain[bucket, default: 0] += count }
        }
        let total = plain.values.reduce(0, +)
        #expect(abs(reference.weight / total - 1) < 1e-6)
        for quantile in [0.123, 0.5, 0.9, 0.99] {
            let expected =
                plain.keys.filter { bucket in
                    plain.filter { $0.key > bucket }.values.reduce(0, +) >= (1 - quantile) * total
                }.max() ?? 0
            // Empty buckets between two used ones belong to the answer as well.
            let next = plain.keys.filter { $0 > expected }.min() ?? 0
            #expect(reference.quantileBucket(quantile) == next - 1)
        }
    }

    @Test func survivesStorageExactly() throws {
        var reference = LatencyReference()
        for tick in 0..<300 { reference.add([-100 - tick % 7: 13.7, tick % 11: 1]) }
        let stored = try JSONEncoder().encode(reference)
        #expect(stored.count < 4000)
        #expect(try JSONDecoder().decode(LatencyReference.self, from: stored) == reference)
        #expect(
            try JSONDecoder().decode(LatencyReference.self, from: JSONEncoder().encode(LatencyReference()))
                == LatencyReference())
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(
                LatencyReference.self,
                from: Data(#"{"first":890,"weights":[1,2,3,4],"blocks":[],"total":1,"increment":1}"#.utf8))
        }
    }
}

@Suite struct LatencyRulesTests {
    /// Requests with log-normal latencies around 50 ms.
    static func requests(
        _ count: Double, slower: Double, random: inout SplitMix64
    ) -> [Int: Double] {
        var histogram: [Int: Double] = [:]
        for _ in 0..<Int(random.poisson(count)) {
            let normal = (-2 * log(max(1e-300, random.unit()))).squareRoot() * cos(2 * .pi * random.unit())
            let seconds = 0.05 * slower * exp(0.5 * normal)
            histogram[Int((log(seconds) / log(1.025)).rounded(.up)), default: 0] += 1
        }
        return histogram
    }

    static func ticks(
        until isOver: (LatencyRules) -> Bool, slower: Double, most: Int, seed: UInt64
    ) -> Int? {
        var random = SplitMix64(seed: seed)
        var rules = LatencyRules(restartTicks: 3600)
        for tick in 1...most {
            let candidate = requests(20, slower: slower, random: &random)
            let baseline = requests(180, slower: 1, random: &random)
            rules.observe(candidate: candidate, baseline: baseline, phi: 1)
            if isOver(rules) { return tick }
        }
        return nil
    }

    @Test func slowerIsFoundWithinAMinute() throws {
        for seed in UInt64(1)...10 {
            let found = Self.ticks(
                until: { $0.undoEvidence(weights: [1, 1, 1]) > 4.6 }, slower: 1.2, most: 200, seed: seed)
            #expect(try #require(found) <= 90)
        }
    }

    @Test func healthyIsNotUndone() {
        for seed in UInt64(1)...40 {
            #expect(
                Self.ticks(until: { $0.undoEvidence(weights: []) > 4.6 }, slower: 1.05, most: 150, seed: seed) == nil)
        }
    }

    @Test func asFastIsShownToBe() throws {
        let found = Self.ticks(until: { $0.promoteEvidence > 3 }, slower: 1, most: 400, seed: 5)
        #expect(try #require(found) <= 300)
    }

    @Test func tooSlowIsNotPromoted() {
        for seed in UInt64(1)...20 {
            #expect(Self.ticks(until: { $0.promoteEvidence > 3 }, slower: 1.11, most: 200, seed: seed) == nil)
        }
    }

    /// Services whose requests all take the same time: the quantile's bucket holds everything.
    @Test func lumpsAreCompared() {
        func judged(_ bucket: Int) -> LatencyRules {
            var rules = LatencyRules(restartTicks: 3600)
            for _ in 0..<100 { rules.observe(candidate: [bucket: 20], baseline: [-100: 180], phi: 1) }
            return rules
        }
        #expect(judged(-100).undoEvidence(weights: []) < 1 && judged(-100).promoteEvidence > 100)
        #expect(judged(-98).undoEvidence(weights: []) < 1)
        #expect(judged(-97).undoEvidence(weights: []) > 100)
        #expect(judged(-97).promoteEvidence > 100)
        #expect(judged(-96).promoteEvidence < 0)
        #expect(abs(judged(-97).seen[0].tau / pow(1.025, -100) - 1) < 1e-12)
        #expect(judged(-97).seen[0].baselineOver == 0)
        #expect(judged(-97).seen[0].candidateOver == judged(-97).seen[0].candidate)
    }

    @Test func oneArmOrAThinReferenceSayNothing() {
        var rules = LatencyRules(restartTicks: 3600)
        let begin = rules.undoLogEvidence
        rules.observe(candidate: [0: 10], baseline: [-100: 99], phi: 1)
        #expect(rules.undoLogEvidence == begin && rules.promoteLogEvidence == [0, 0, 0])
        rules.observe(candidate: [0: 10], baseline: [-100: 0.5], phi: 1)
        #expect(rules.undoLogEvidence == begin)
        rules.observe(candidate: [0: 10], baseline: [-100: 99], phi: 1)
        rules.observe(candidate: [:], baseline: [-100: 99], phi: 1)
        rules.observe(candidate: [0: 10], baseline: [:], phi: 1)
        rules.observe(candidate: [0: .nan], baseline: [0: -1], phi: 1)
        #expect(rules.undoLogEvidence == begin)
        rules.observe(candidate: [0: 10], baseline: [-100: 99], phi: 1)
        #expect(rules.undoLogEvidence != begin)
    }

    @Test func longSilenceDoesNotGrowIntoEvidence() {
        var rules = LatencyRules(restartTicks: 10)
        for _ in 0..<10_000 { rules.observe(candidate: [0: 1], baseline: [0: 9], phi: 1) }
        #expect(abs(rules.undoEvidence(weights: [])) < 1e-9)
    }

    @Test func quantilesAreThoseOfRecentTicks() throws {
        var rules = LatencyRules(restartTicks: nil)
        #expect(rules.quantiles() == nil)
        for bucket in [300, 0] {
            for _ in 0..<600 {
                rules.observe(
                    candidate: [bucket: 6, bucket + 10: 3.5, bucket + 20: 0.5], baseline: [bucket - 10: 9], phi: 1)
            }
        }
        let found = try #require(rules.quantiles())
        #expect(found.candidate == [1, pow(1.025, 10), pow(1.025, 20)])
        #expect(found.baseline == [Double](repeating: pow(1.025, -10), count: 3))
    }

    @Test func weightsAreNormalised() {
        var rules = LatencyRules(restartTicks: nil)
        for _ in 0..<30 { rules.observe(candidate: [3: 6, 0: 4], baseline: [0: 90, 5: 10], phi: 1) }
        let single = rules.undoLogEvidence
        #expect(abs(rules.undoEvidence(weights: [0, 7, 0]) - single[1]) < 1e-9)
        let mean = log((2 * exp(single[0]) + exp(single[1]) + exp(single[2])) / 4)
        #expect(abs(rules.undoEvidence(weights: [1, 0.5, 0.5]) - mean) < 1e-9)
        #expect(rules.undoEvidence(weights: [-1, .nan, 0]) == rules.undoEvidence(weights: [1, 1, 1]))
    }

    @Test(arguments: [1e-9, 1, 1e12, 1e300])
    func extremesStayFinite(count: Double) throws {
        var rules = LatencyRules(restartTicks: 3600)
        for tick in 0..<2000 {
            let bucket = tick % 3 == 0 ? -2000 : tick % 5 == 0 ? 2000 : 0
            rules.observe(candidate: [bucket: count, 3: 1], baseline: [1: 1000, bucket: 1 / count], phi: 4)
            rules.observe(candidate: [0: 1], baseline: [bucket: count], phi: .nan)
        }
        #expect(rules.undoEvidence(weights: []).isFinite && rules.promoteEvidence.isFinite)
        let stored = try JSONEncoder().encode(rules)
        #expect(try JSONDecoder().decode(LatencyRules.self, from: stored) == rules)
    }
}
