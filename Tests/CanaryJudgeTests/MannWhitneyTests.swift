import Testing

@testable import CanaryJudge

/// Expected values: SciPy 1.17.1, `mannwhitneyu` with method `exact` or `asymptotic`; intervals from a transcription of
/// the algorithm of R's `wilcox.test(conf.int = TRUE)`. Where R's manual or SciPy's documentation prints the same
/// example, it is named.
@Suite struct MannWhitneyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var candidate: [Double]
        var baseline: [Double]
        var exact = true
        var u: Double
        var twoSided: Double
        var greater: Double
        var less: Double
    }

    /// Permeability constants of the placenta (Hollander and Wolfe, 1973, page 69), in the manual of `wilcox.test`:
    /// W = 35, p = 0.1272.
    static let term: [Double] = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    static let early: [Double] = [1.15, 0.88, 0.90, 0.74, 1.21]
    /// New York's ozone in May and August 1973 (R's `airquality`), in the same manual: W = 127.5, p = 0.0001208.
    static let may: [Double] = [
        41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37,
    ]
    static let august: [Double] = [
        39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85,
    ]
    static let hundreds = (101...110).map(Double.init)
    static let units = (1...10).map(Double.init)
    static let long60 = (0..<60).map { Double($0 * 37 % 101) / 7 + 3 }
    static let long40 = (0..<40).map { Double($0 * 53 % 97) / 6 }

    static let cases: [Case] = [
        Case(
            testDescription: "Hollander and Wolfe", candidate: term, baseline: early, u: 35,
            twoSided: 0.2544122544122544, greater: 0.1272061272061272, less: 0.8967698967698967),
        Case(
            testDescription: "Hollander and Wolfe, approximated", candidate: term, baseline: early, exact: false, u: 35,
            twoSided: 0.24462360512698333, greater: 0.12231180256349167, less: 0.9007753482039937),
        Case(
            testDescription: "SciPy's diabetes example", candidate: [19, 22, 16, 29, 24], baseline: [20, 11, 17, 12],
            u: 17, twoSided: 0.1111111111111111, greater: 0.05555555555555555, less: 0.9682539682539683),
        Case(
            testDescription: "SciPy's diabetes example, approximated", candidate: [19, 22, 16, 29, 24],
            baseline: [20, 11, 17, 12], exact: false, u: 17, twoSided: 0.11134688653314041,
            greater: 0.055673443266570206, less: 0.9669037101389033),
        Case(
            testDescription: "ozone, ties", candidate: may, baseline: august, u: 127.5,
            twoSided: 0.00012080783076877434, greater: 0.9999439498752809, less: 6.040391538438717e-05),
        Case(
            testDescription: "ties in small samples", candidate: [1, 5, 9, 24, 56, 21, 3, 7, 21, 4],
            baseline: [12, 15, 5, 9, 9, 14, 56, 22, 3, 7, 32, 5], u: 51.5, twoSided: 0.5965969026279817,
            greater: 0.7242330662159162, less: 0.29829845131399085),
        Case(
            testDescription: "identical samples", candidate: [1, 2, 3, 4, 5], baseline: [1, 2, 3, 4, 5], u: 12.5,
            twoSided: 1, greater: 0.5422350133116141, less: 0.5422350133116141),
        Case(
            testDescription: "one constant", candidate: [7, 7, 7, 7], baseline: [7, 7, 7, 7, 7], u: 10, twoSided: 1,
            greater: 1, less: 1),
        Case(
            testDescription: "disjoint", candidate: hundreds, baseline: units, u: 100,
            twoSided: 1.082508822446903e-05, greater: 5.412544112234515e-06, less: 1),
        Case(
            testDescription: "disjoint, approximated", candidate: hundreds, baseline: units, exact: false, u: 100,
            twoSided: 0.00018267179110955002, greater: 9.133589555477501e-05, less: 0.9999325785388228),
        Case(
            testDescription: "one against one", candidate: [1], baseline: [2], u: 0, twoSided: 1, greater: 1,
            less: 0.5),
        Case(
            testDescription: "60 against 40", candidate: long60, baseline: long40, u: 1591,
            twoSided: 0.006003660660265433, greater: 0.0030018303301327163, less: 0.997061960192655),
    ]

    @Test(arguments: cases) func knownValues(_ known: Case) throws {
        let test = try #require(
            MannWhitney.compare(candidate: known.candidate, baseline: known.baseline, exact: known.exact))
        #expect(test.u == known.u)
        #expect(abs(test.p(.twoSided) / known.twoSided - 1) < 1e-11)
        #expect(abs(test.p(.greater) / known.greater - 1) < 1e-11)
        #expect(abs(test.p(.less) / known.less - 1) < 1e-11)
    }

    @Test(arguments: cases) func swappedArmsMirror(_ known: Case) throws {
        let one = try #require(MannWhitney.compare(candidate: known.candidate, baseline: known.baseline))
        let other = try #require(MannWhitney.compare(candidate: known.baseline, baseline: known.candidate))
        #expect(one.u + other.u == Double(known.candidate.count * known.baseline.count))
        #expect(one.p(.greater) == other.p(.less) && one.p(.less) == other.p(.greater))
        #expect(one.p(.twoSided) == other.p(.twoSided))
        #expect(one.shift == -other.shift)
        for alpha in [0.01, 0.05, 0.3] {
            #expect(one.lowerBound(alpha: alpha) == other.upperBound(alpha: alpha).map { -$0 })
        }
    }

    @Test(arguments: cases) func scaleDoesNotMatter(_ known: Case) throws {
        let plain = try #require(MannWhitney.compare(candidate: known.candidate, baseline: known.baseline))
        let large = try #require(
            MannWhitney.compare(
                candidate: known.candidate.map { $0 * 1024 }, baseline: known.baseline.map { $0 * 1024 })
        )
        #expect(plain.p(.twoSided) == large.p(.twoSided) && plain.shift * 1024 == large.shift)
    }

    @Test func intervalsAsInR() throws {
        let exact = try #require(MannWhitney.compare(candidate: Self.term, baseline: Self.early))
        #expect(exact.isExact && abs(exact.shift - 0.305) < 1e-12)
        try expect(exact.interval(confidence: 0.95), -0.15, 0.76)
        try expect(exact.interval(confidence: 0.90), -0.08, 0.72)
        let tied = try #require(MannWhitney.compare(candidate: Self.may, baseline: Self.august))
        #expect(!tied.isExact && tied.shift == -32)
        try expect(tied.interval(confidence: 0.95), -53, -15)
        let small = try #require(
            MannWhitney.compare(candidate: Self.cases[5].candidate, baseline: Self.cases[5].baseline))
        try expect(small.interval(confidence: 0.95), -10, 12)
        let long = try #require(MannWhitney.compare(candidate: Self.long60, baseline: Self.long40))
        try expect(long.interval(confidence: 0.95), 0.8333333333, 4.6428571429)
        #expect(abs(long.shift - 2.761904761904762) < 1e-12)
        let disjoint = try #require(MannWhitney.compare(candidate: Self.hundreds, baseline: Self.units))
        #expect(disjoint.lowerBound(alpha: 1.67e-4) == 94 && disjoint.upperBound(alpha: 1.67e-4) == 106)
    }

    private func expect(_ found: (low: Double, high: Double)?, _ low: Double, _ high: Double) throws {
        let interval = try #require(found)
        #expect(abs(interval.low - low) < 1e-9 && abs(interval.high - high) < 1e-9)
    }

    @Test func boundsAgreeWithTheTestOfAShift() throws {
        for known in Self.cases {
            let test = try #require(
                MannWhitney.compare(candidate: known.candidate, baseline: known.baseline, exact: known.exact))
            for shift in [-60.0, -20, -1, -0.1, 0, 0.05, 0.7, 3, 93, 95] {
                for alpha in [0.001, 0.03, 0.2] {
                    let isAbove = test.lowerBound(alpha: alpha).map { $0 > shift } ?? false
                    #expect(isAbove == (test.p(shiftAbove: shift) < alpha))
                }
            }
        }
    }

    @Test func tooFewValuesGiveNoBound() throws {
        let test = try #require(MannWhitney.compare(candidate: [1], baseline: [2]))
        #expect(test.interval(confidence: 0.95) == nil)
        #expect(test.lowerBound(alpha: 0) == nil && test.lowerBound(alpha: 1) == nil)
    }

    @Test func emptyAndInfiniteSamplesAreRefused() {
        #expect(MannWhitney.compare(candidate: [], baseline: [1]) == nil)
        #expect(MannWhitney.compare(candidate: [1], baseline: []) == nil)
        #expect(MannWhitney.compare(candidate: [.nan], baseline: [1]) == nil)
        #expect(MannWhitney.compare(candidate: [1], baseline: [.infinity]) == nil)
    }

    @Test func longSamplesAreThinnedEvenly() throws {
        let test = try #require(
            MannWhitney.compare(candidate: (0..<1000).map(Double.init), baseline: [500]))
        #expect(test.candidateCount == 200 && test.baselineCount == 1 && abs(test.u - 99.5) <= 0.5)
    }

    @Test func hugeValuesStayFinite() throws {
        let test = try #require(
            MannWhitney.compare(candidate: [1e308, -1e308, 0], baseline: [-1e308, 1e308, 1e-308]))
        #expect(test.shift.isFinite && test.p(.greater).isFinite)
    }

    @Test func distributionOfU() {
        let ways = [1.0, 1, 2, 3, 3, 3, 3, 2, 1, 1]
        var sum = 0.0
        for (found, count) in zip(MannWhitney.distribution(3, 3), ways) {
            sum += count
            #expect(abs(found - sum / 20) < 1e-15)
        }
        let large = MannWhitney.distribution(20, 20)
        #expect(large.count == 401 && large.last == 1 && abs(large[0] * 137_846_528_820 - 1) < 1e-12)
        for index in 0...199 { #expect(abs(large[index] + large[399 - index] - 1) < 1e-12) }
    }

    /// SciPy's `norm.ppf`.
    @Test(arguments: [
        (0.975, 1.959963984540054), (0.5, 0), (1e-3, -3.090232306167813), (1e-10, -6.361340902404056),
        (1e-300, -37.0470962993612), (0.9999, 3.719016485455709),
    ])
    func normalQuantiles(p: Double, expected: Double) {
        #expect(abs(MannWhitney.normalQuantile(p) - expected) < 1e-11 * max(1, abs(expected)))
    }
}
