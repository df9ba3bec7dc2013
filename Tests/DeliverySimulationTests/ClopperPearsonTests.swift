import DeliverySimulation
import Testing

@Suite struct ClopperPearsonTests {
    /// From the binomial distribution itself, in exact arithmetic.
    @Test(arguments: [
        (0, 1000, 0.002_991_249_5), (10, 1000, 0.016_903_175_1), (15, 1000, 0.023_003_548_9), (3, 10, 0.606_624_216_1),
        (1, 60, 0.076_639_994_9),
        (0, 1, 0.95), (5, 5, 1), (0, 0, 1),
    ])
    func upperBoundIsKnown(events: Int, trials: Int, bound: Double) {
        #expect(abs(ClopperPearson.upperBound(events: events, trials: trials) - bound) < 1e-8)
    }
}
