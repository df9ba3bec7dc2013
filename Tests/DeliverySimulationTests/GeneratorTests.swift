import Testing

@testable import DeliverySimulation

@Suite struct GeneratorTests {
    @Test(arguments: [0.001, 0.4, 3, 9.9, 10.1, 75, 4_000, 1e6, 1e12])
    func poissonHasItsMeanAsVariance(mean: Double) {
        var random = SplitMix64(seed: 7)
        let count = 20_000
        let draws = (0..<count).map { _ in random.poisson(mean) }
        let average = draws.reduce(0, +) / Double(count)
        let variance = draws.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(count - 1)
        // Five standard errors.
        #expect(abs(average - mean) <= 5 * (mean / Double(count)).squareRoot())
        #expect(abs(variance / mean - 1) <= 5 * ((2 + 1 / mean) / Double(count)).squareRoot())
        #expect(draws.allSatisfy { $0 >= 0 && $0 == $0.rounded() })
    }

    @Test(arguments: [0, -1, -Double.infinity]) func nothingIsExpectedOfNoMean(mean: Double) {
        var random = SplitMix64(seed: 7)
        #expect(random.poisson(mean) == 0)
    }

    @Test func normalHasMeanNoughtAndDeviationOne() {
        var random = SplitMix64(seed: 8)
        let draws = (0..<20_000).map { _ in random.normal() }
        let squares = draws.reduce(0) { $0 + $1 * $1 } / 20_000
        #expect(abs(draws.reduce(0, +) / 20_000) < 0.04)
        #expect(abs(squares - 1) < 0.05)
    }

    @Test func logFactorialAgreesWithMultiplication() {
        #expect(SplitMix64.logFactorial(0) == 0)
        #expect(abs(SplitMix64.logFactorial(9) - 12.801_827_480_081_469) < 1e-9)
        #expect(abs(SplitMix64.logFactorial(10) - 15.104_412_573_075_516) < 1e-9)
        #expect(abs(SplitMix64.logFactorial(170) - 706.573_062_245_787_4) < 1e-9)
    }

    @Test func aliasTableDrawsByWeight() {
        let table = AliasTable(weights: [1, 0, 3, 6])
        var random = SplitMix64(seed: 9)
        var counts = [0, 0, 0, 0]
        for _ in 0..<20_000 { counts[table.draw(&random)] += 1 }
        #expect(counts[1] == 0)
        #expect(abs(Double(counts[0]) / 20_000 - 0.1) < 0.01)
        #expect(abs(Double(counts[2]) / 20_000 - 0.3) < 0.02)
    }

    @Test func streamsOfOneSeedDiffer() {
        var first = SplitMix64(seed: 1, index: 0, stream: 1)
        var same = SplitMix64(seed: 1, index: 0, stream: 1)
        var others = [
            SplitMix64(seed: 1, index: 0, stream: 2), SplitMix64(seed: 1, index: 1, stream: 1),
            SplitMix64(seed: 2, index: 0, stream: 1),
        ]
        let value = first.next()
        #expect(same.next() == value)
        for index in others.indices { #expect(others[index].next() != value) }
    }

    @Test func normalQuantilesAreKnown() {
        #expect(abs(Normal.quantile(0.99) - 2.326_347_874) < 1e-8)
        #expect(abs(Normal.distribution(1.96) - 0.975_002_105) < 1e-8)
    }
}
