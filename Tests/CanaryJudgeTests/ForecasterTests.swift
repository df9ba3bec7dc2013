import CanaryJudge
import DeliveryModel
import Testing

@Suite struct ForecasterTests {
    private static let enough = Dispersion.Estimate(phi: 1, historySeconds: 90_000, instances: 4)

    private static func forecast(
        _ requestsPerSecond: Double, limit: Duration = .seconds(3600), dispersion: Dispersion.Estimate? = enough
    ) -> JudgeForecast {
        let configuration = JudgeConfiguration(
            objectives: ObjectiveSpecification(), rollout: RolloutSpecification(),
            judge: JudgeSpecification(limit: limit))
        let traffic = Forecaster.Traffic(
            requestsPerSecond: requestsPerSecond, errorRate: 0.001, latency: [-121: 10, -120: 20, -119: 10, -100: 1])
        return Forecaster(configuration, traffic, dispersion: dispersion).forecast
    }

    @Test func muchTrafficDecidesSoon() throws {
        let forecast = Self.forecast(200)
        #expect(try #require(forecast.promotedAfterSeconds) <= 300)
        #expect(forecast.undecided.isEmpty)
        #expect(forecast.defects.map(\.excess) == [0.001, 0.01, 0.1, 1])
        #expect(forecast.defects.dropFirst().allSatisfy { $0.outcome == .undone && $0.errors <= 20 })
    }

    @Test func littleTrafficSaysWhatWouldHelp() {
        let forecast = Self.forecast(0.5, dispersion: nil)
        #expect(forecast.promotedAfterSeconds == nil && forecast.phi == 4 && forecast.phiSource == .assumed)
        #expect(forecast.undecided.contains { $0.rule == .errorsPromote })
        #expect(forecast.advice.contains { $0.contains("judge.limit") })
        #expect(forecast.advice.contains { $0.contains("dispersion") })
    }

    @Test func noTrafficIsSaid() {
        let forecast = Self.forecast(0)
        #expect(forecast.defects.isEmpty && forecast.undecided.first?.why.contains("hardly any requests") == true)
    }
}
