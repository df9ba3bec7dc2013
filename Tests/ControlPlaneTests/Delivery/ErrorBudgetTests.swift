import DeliveryModel
import DeliveryStore
import RolloutEngine
import Testing

@testable import ControlPlane

@Suite struct ErrorBudgetTests {
    private let shop = Shop()

    private var state: ServiceState {
        var state = shop.shifting()
        state.rollout = nil
        return state
    }

    private func measures(_ requests: UInt64, _ bad: UInt64, epoch: String = "one") -> TrafficMeasures {
        TrafficMeasures(
            epoch: epoch, generation: 1,
            services: [shop.service: [shop.live: ReleaseMeasures(requests: requests, bad: bad)]])
    }

    @Test func itIsSpentWhenMoreIsBadThanTheObjectiveAllows() {
        var budget = ErrorBudget()
        #expect(budget.take(measures(1_000_000, 900_000), at: Shop.begin).isEmpty, "old news of the router")
        #expect(!budget.isSpent(state, at: Shop.begin))
        // 99.9 % of 200,000 requests: 200 may be bad.
        _ = budget.take(measures(1_200_000, 900_200), at: Shop.begin)
        #expect(!budget.isSpent(state, at: Shop.begin))
        let hours = budget.take(measures(1_200_001, 900_202), at: Shop.begin + .seconds(1))
        #expect(hours.map(\.bad) == [202] && hours.map(\.requests) == [200_001])
        #expect(budget.isSpent(state, at: Shop.begin + .seconds(1)))
        // What is older than 28 days does not count.
        #expect(!budget.isSpent(state, at: Shop.begin + .seconds(28 * 86_400 + 3_600)))
    }

    @Test func fewRequestsSayNothing() {
        var budget = ErrorBudget()
        _ = budget.take(measures(0, 0), at: Shop.begin)
        _ = budget.take(measures(UInt64(ErrorBudget.leastRequests) - 1, 5_000), at: Shop.begin)
        #expect(!budget.isSpent(state, at: Shop.begin))
        _ = budget.take(measures(UInt64(ErrorBudget.leastRequests), 5_000), at: Shop.begin)
        #expect(budget.isSpent(state, at: Shop.begin))
    }

    @Test func aRestartedRouterCountsAnewAndARestartedControlPlaneRemembers() {
        var budget = ErrorBudget()
        _ = budget.take(measures(10, 0), at: Shop.begin)
        let first = budget.take(measures(150_010, 400), at: Shop.begin)
        #expect(budget.take(measures(7, 7, epoch: "two"), at: Shop.begin).isEmpty)
        #expect(budget.take(measures(8, 7, epoch: "two"), at: Shop.begin).map(\.requests) == [150_001])
        var later = ErrorBudget()
        later.restore(first)
        #expect(later.isSpent(state, at: Shop.begin))
    }

    @Test func withoutAnythingLiveThereIsNoObjective() {
        var budget = ErrorBudget()
        _ = budget.take(measures(0, 0), at: Shop.begin)
        _ = budget.take(measures(200_000, 200_000), at: Shop.begin)
        #expect(!budget.isSpent(ServiceState(service: shop.service), at: Shop.begin))
    }
}
