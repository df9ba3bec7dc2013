import Testing

@testable import DeliverySimulation

@Suite struct LatencyShapeTests {
    private static func drawn(_ shape: LatencyShape, shift: Int = 0) -> LatencyCounts {
        var counts = LatencyCounts()
        var random = SplitMix64(seed: 3)
        shape.add(40_000, shiftedBy: shift, to: &counts, &random)
        return counts
    }

    @Test func quantilesAreThoseOfTheLognormal() {
        let counts = Self.drawn(LatencyShape())
        #expect(counts.total == 40_000)
        #expect(abs(counts.quantile(0.5) / 0.05 - 1) < 0.02)
        #expect(abs(counts.quantile(0.99) / 0.16 - 1) < 0.05)
    }

    @Test func scaleMovesEveryQuantile() {
        let (plain, slow) = (Self.drawn(LatencyShape()), Self.drawn(LatencyShape(scale: 1.2)))
        #expect(abs(slow.quantile(0.5) / plain.quantile(0.5) / 1.2 - 1) < 0.02)
        #expect(abs(slow.quantile(0.99) / plain.quantile(0.99) / 1.2 - 1) < 0.05)
    }

    @Test func tailMovesTheSlowestAlone() {
        let (plain, tail) = (Self.drawn(LatencyShape()), Self.drawn(LatencyShape(tail: 3)))
        #expect(abs(tail.quantile(0.5) / plain.quantile(0.5) - 1) < 0.02)
        #expect(abs(tail.quantile(0.9) / plain.quantile(0.9) - 1) < 0.03)
        #expect(abs(tail.quantile(0.99) / plain.quantile(0.99) / 3 - 1) < 0.08)
    }

    @Test func nothingMeasuredIsNoNumber() {
        #expect(LatencyCounts().quantile(0.5).isNaN)
        #expect(LatencyCounts().byBucket.isEmpty)
    }
}
