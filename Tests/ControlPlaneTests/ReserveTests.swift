import DeliveryModel
import DeliveryStore
import Testing

@testable import ControlPlane
@testable import RolloutEngine

/// What the disk refused before a crash.
@Suite struct ReserveTests {
    private let shop = Shop()
    private let plane: Plane
    private let undo: JournalDraft

    init() throws {
        plane = try Plane()
        undo = JournalDraft(time: Shop.begin, service: "shop", kind: "undo", actor: "ann", data: "{}")
    }

    /// On the disk: a drill under way, and another service.
    private func store() throws -> (drill: ServiceState, other: ServiceState) {
        var drill = shop.shifting()
        drill.rollout = nil
        drill.generation = 5
        drill.drill = Reversal(from: shop.candidate, to: shop.live)
        var other = ServiceState(service: try #require(ServiceName("other")))
        other.generation = 3
        let accepted = JournalDraft(time: Shop.begin, service: "shop", kind: "drill", actor: "ann", data: "{}")
        try plane.database.commit(
            journal: [accepted],
            states: ["shop": try StoredForms.json(drill), "other": try StoredForms.json(other)])
        return (drill, other)
    }

    private func reserve(_ states: [ServiceState], after sequence: Int64) throws {
        plane.reserve.prepare()
        let texts = try states.reduce(into: [String: String]()) { $0[$1.service.text] = try StoredForms.json($1) }
        let retain = OutboxEffect(
            id: "shop:retain", service: "shop", generation: 5, payload: try StoredForms.json(RolloutEffect.retain),
            createdAt: Shop.begin)
        #expect(plane.reserve.write(ReserveFile.Content(after: sequence, [undo], texts, [retain])))
    }

    /// An undo in the middle of a drill moves nothing, so the generation stays; the other service moved.
    @Test func anUndoWithoutNewRoutesOutlivesACrash() async throws {
        var (drill, other) = try store()
        drill.drill = nil
        other.generation = 4
        try reserve([drill, other], after: 1)
        let reconciler = try plane.reconciler()
        try await reconciler.load()
        #expect(await reconciler.state(of: shop.service)?.drill == nil)
        #expect(await reconciler.state(of: other.service)?.generation == 4)
        await reconciler.flush()
        #expect(try plane.database.entries(after: 1).map(\.kind) == ["undo"])
        #expect(try plane.database.load().outbox.map(\.id) == ["shop:retain"])
        #expect(plane.reserve.read() == nil)
    }

    /// The crash came between the transaction and the removal of the note.
    @Test func whatWasWrittenIsNotWrittenAgain() async throws {
        var (drill, _) = try store()
        drill.drill = nil
        drill.generation = 6
        try reserve([drill], after: 0)
        let reconciler = try plane.reconciler()
        try await reconciler.load()
        #expect(await reconciler.state(of: shop.service)?.drill != nil)
        #expect(await reconciler.hasBacklog == false)
        #expect(plane.reserve.read() == nil)
    }
}
