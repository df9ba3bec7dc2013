import DeliveryModel
import RolloutEngine
import Testing

@testable import ControlPlane

@Suite struct RoutedPartsTests {
    /// The engine raises the generation with every change of routes; anything else is taken as it was.
    @Test func aPartIsMadeAnewWhenTheGenerationRises() {
        var parts = RoutedParts()
        var state = Shop().shifting()
        #expect(parts.part(state).routes == state.routes && state.routes != nil)
        let before = state.routes
        state.rollout?.share = Share(clamping: 5000)
        #expect(parts.part(state).routes == before)
        state.generation += 1
        #expect(parts.part(state).routes == state.routes && state.routes != before)
    }
}
