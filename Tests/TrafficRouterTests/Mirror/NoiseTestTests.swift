import Testing

@testable import TrafficRouter

@Suite struct NoiseTestTests {
    /// Reference: exact sums of `math.comb` in Python.
    @Test(
        arguments: [
            (5, 5, 0, 5, false), (6, 6, 0, 6, false), (7, 7, 0, 7, true), (5, 100, 0, 100, false),
            (9, 100, 0, 100, false),
            (10, 100, 0, 100, true), (11, 100, 0, 100, true), (30, 100, 10, 100, true), (25, 100, 10, 100, false),
            (100, 100, 100, 100, false), (1_000, 10_000, 900, 10_000, false), (1_100, 10_000, 900, 10_000, true),
            (10, 1_000_000, 0, 1_000_000, true), (9, 1_000_000, 0, 1_000_000, false),
            (500_000, 1_000_000, 498_000, 1_000_000, false), (502_500, 1_000_000, 500_000, 1_000_000, true),
            (20, 1_000, 0, 100, false), (200, 1_000, 2, 100, true), (5, 5, 0, 1_000, true), (4, 4, 0, 1_000, false),
        ] as [(UInt64, UInt64, UInt64, UInt64, Bool)])
    func agreesWithTheReference(_ x: UInt64, _ n: UInt64, _ y: UInt64, _ m: UInt64, _ isAbove: Bool) {
        #expect(NoiseTest.isAbove(differences: x, of: n, noise: y, of: m) == isAbove)
    }

    @Test func unknownNoiseIsNotNoNoise() {
        #expect(!NoiseTest.isAbove(differences: 1_000, of: 1_000, noise: 0, of: 0))
    }

    @Test func countsThatCannotBeAreNotAbove() {
        #expect(!NoiseTest.isAbove(differences: 10, of: 5, noise: 0, of: 5))
        #expect(!NoiseTest.isAbove(differences: 5, of: 5, noise: 9, of: 5))
    }

    @Test func moreDifferencesAreNeverLessAbove() {
        for noise in [0, 3, 40] as [UInt64] {
            let above = (0...200).map { NoiseTest.isAbove(differences: $0, of: 200, noise: noise, of: 200) }
            #expect(above == above.sorted { !$0 && $1 })
            #expect(above.last == true)
        }
    }

    @Test func logarithmsOfFactorialsAreExact() {
        #expect(NoiseTest.logFactorial(0) == 0)
        var sum = 0.0
        for n in 1...2_000 {
            sum += NoiseTest.logFactorial(Double(n)) - NoiseTest.logFactorial(Double(n - 1))
        }
        // ln 20!, ln 21! and ln 2000! from tables.
        #expect(abs(NoiseTest.logFactorial(20) - 42.335616460753485) < 1e-12)
        #expect(abs(NoiseTest.logFactorial(21) - 45.380138898476908) < 1e-12)
        #expect(abs(NoiseTest.logFactorial(2_000) - 13_206.524350513806) < 1e-8)
        #expect(abs(sum - 13_206.524350513806) < 1e-6)
    }

    /// A place where both releases differ equally often must stay silent but for once in a thousand reports, whatever
    /// the rate, also when the noise was measured on fewer requests.
    @Test(arguments: [0.01, 0.05, 0.2, 0.5, 0.9], [1, 4]) func equalRatesAreSilent(_ rate: Double, _ thinning: Int) {
        var chance = MirrorChance(seed: UInt64(rate * 1_000) &+ UInt64(thinning))
        let (places, requests) = (4_000, 400)
        var alarms = 0
        for _ in 0..<places {
            var (x, y) = (UInt64(0), UInt64(0))
            for request in 0..<requests {
                if chance.hits(rate) { x += 1 }
                if request % thinning == 0, chance.hits(rate) { y += 1 }
            }
            if NoiseTest.isAbove(differences: x, of: 400, noise: y, of: UInt64(requests / thinning)) { alarms += 1 }
        }
        // Four expected at most; three standard deviations above that is ten.
        #expect(alarms <= 10, "rate \(rate), noise of every \(thinning)th: \(alarms) alarms of \(places)")
    }

    /// Requests differ from each other: some always differ, most never. Comparing both arms with the same primary
    /// answer must not raise false alarms.
    @Test func requestsThatDifferFromEachOtherAreSilent() {
        var chance = MirrorChance(seed: 5)
        var alarms = 0
        for _ in 0..<4_000 {
            var (x, y) = (UInt64(0), UInt64(0))
            for _ in 0..<300 {
                let rate = chance.hits(0.1) ? 0.95 : 0.01
                if chance.hits(rate) { x += 1 }
                if chance.hits(rate) { y += 1 }
            }
            if NoiseTest.isAbove(differences: x, of: 300, noise: y, of: 300) { alarms += 1 }
        }
        #expect(alarms <= 10)
    }

    /// A real difference is found: 10 % of answers over no noise after 200 requests, 30 % over 10 % after 500.
    @Test func realDifferencesAreFound() {
        var chance = MirrorChance(seed: 6)
        for (rate, noise, requests) in [(0.1, 0.0, 200), (0.3, 0.1, 500), (1.0, 0.0, 10), (1.0, 0.5, 100)] {
            let found = (0..<200).count { _ in
                let x = (0..<requests).count { _ in chance.hits(rate) }
                let y = (0..<requests).count { _ in chance.hits(noise) }
                return NoiseTest.isAbove(
                    differences: UInt64(x), of: UInt64(requests), noise: UInt64(y), of: UInt64(requests))
            }
            #expect(found >= 190, "\(rate) over \(noise): found \(found) of 200 times")
        }
    }
}
