import DeliveryAPI
import DeliveryModel
import DeliveryStore
import RolloutEngine
import Testing

@testable import ControlPlane

@Suite struct DeskQueueTests {
    private let plane: Plane
    private let shop = Shop().service

    init() throws { plane = try Plane() }

    @Test func aDeployBeginsAtOnceWhenNothingIsInItsWay() async throws {
        let bench = try await DeskBench(plane)
        let record = try await bench.release("c1")
        let offered = try await bench.desk.deploy(record, actor: "ann", fix: false, branch: nil)
        #expect(!offered.isWaiting && offered.state.rollout?.candidate == record.digest)
        #expect(try bench.kinds() == ["deploy.accepted", "rollout.started"])
        #expect(await bench.desk.queue.running[shop]?.commit == "c1")
        // The same again is no news.
        let again = try await bench.desk.deploy(record, actor: "ann", fix: false, branch: nil)
        #expect(!again.isWaiting && again.superseded == nil)
        #expect(try bench.kinds().count == 2)
    }

    @Test func aSpentBudgetLetsOnlyFixesOut() async throws {
        let bench = try await DeskBench(plane)
        await bench.desk.set(budgetSpent: [shop])
        let offered = try await bench.desk.deploy(
            try await bench.release("c1"), actor: "ann", fix: false, branch: nil)
        #expect(offered.isWaiting && offered.reasons == [.budget])
        let fix = try await bench.release("c2")
        let fixed = try await bench.desk.deploy(fix, actor: "ann", fix: true, branch: nil)
        #expect(!fixed.isWaiting && fixed.state.rollout?.candidate == fix.digest)
        #expect(try bench.kinds().contains("deploy.fix"))
        let past = await bench.reconciler.state(of: shop)?.past ?? []
        #expect(past.map(\.outcome) == [.superseded], "the one that waited went along")
    }

    /// The queue was written, and the control plane died before the rollout began: it waits again.
    @Test func whatTheQueueCountedAsBegunAndIsNotWaitsAgain() async throws {
        let record: ReleaseRecord
        do {
            let bench = try await DeskBench(plane)
            record = try await bench.release("c1")
            var queue = DeployQueue()
            _ = queue.offer(
                WaitingDeploy(
                    service: shop, commit: "c1", release: record.digest, commits: ["c0", "c1"], actor: "ann",
                    since: Shop.begin))
            _ = queue.next(at: Shop.begin, DeployConditions())
            #expect(queue.running[shop] != nil)
            try plane.database.commit(
                journal: [],
                records: PipelineRecords(documents: [DeliveryDocument.queue: try StoredForms.json(queue)]))
        }
        let bench = try await DeskBench(plane)
        let waiting = await bench.desk.queue.waiting[shop]
        #expect(waiting?.commits == ["c0", "c1"] && waiting?.release == record.digest)
        try await bench.desk.moveOn()
        #expect(await bench.reconciler.state(of: shop)?.rollout?.candidate == record.digest)
        #expect(try bench.kinds().filter { $0 == "deploy.accepted" }.count == 1)
    }

    @Test func aRolloutThatHasEndedMakesRoom() async throws {
        let bench = try await DeskBench(plane)
        let first = try await bench.release("c1")
        _ = try await bench.desk.deploy(first, actor: "ann", fix: false, branch: nil)
        let second = try await bench.release("c2")
        let offered = try await bench.desk.deploy(second, actor: "ann", fix: false, branch: nil)
        #expect(offered.isWaiting)
        if case .rollout(let commit, _) = offered.reasons.first {
            #expect(commit == "c1")
        } else {
            Issue.record("\(offered.reasons)")
        }
        try await bench.reconciler.handle(.abort(actor: "ann"), for: shop)
        try await bench.desk.moveOn()
        #expect(await bench.reconciler.state(of: shop)?.rollout?.candidate == second.digest)
        #expect(await bench.desk.queue.waiting.isEmpty)
    }

    /// A rollout that the queue did not begin keeps its service busy all the same.
    @Test func aRedoCountsAsARollout() async throws {
        let bench = try await DeskBench(plane)
        let state = Shop().shifting()
        try plane.database.commit(journal: [], states: ["shop": try StoredForms.json(state)])
        let later = try await DeskBench(plane)
        let offered = try await later.desk.deploy(
            try await bench.release("c9"), actor: "ann", fix: false, branch: nil)
        #expect(offered.isWaiting, "\(offered.reasons)")
        #expect(await later.desk.queueStatus().running.isEmpty, "it is not the queue's own")
    }

    @Test func whatWasUndoneIsRefusedBeforeItWaits() async throws {
        let bench = try await DeskBench(plane)
        let record = try await bench.release("c1")
        _ = try await bench.desk.deploy(record, actor: "ann", fix: false, branch: nil)
        try await bench.reconciler.handle(.abort(actor: "ann"), for: shop)
        _ = try await bench.desk.hold(nil, reason: "all", actor: "ann")
        await #expect(throws: RolloutError.self) {
            _ = try await bench.desk.deploy(record, actor: "ann", fix: false, branch: nil)
        }
        #expect(await bench.desk.queue.waiting.isEmpty)
    }

    @Test func limitsThatNobodyKnowsLetNothingBegin() async throws {
        try "concurrency: 7\n".write(to: plane)
        let bench = try await DeskBench(plane)
        let offered = try await bench.desk.deploy(
            try await bench.release("c1"), actor: "ann", fix: false, branch: nil)
        #expect(offered.isWaiting)
        #expect(await bench.desk.queueStatus().warnings.count == 1)
        try "{}\n".write(to: plane)
        try await bench.desk.moveOn()
        #expect(await bench.reconciler.state(of: shop)?.rollout != nil)
    }
}
