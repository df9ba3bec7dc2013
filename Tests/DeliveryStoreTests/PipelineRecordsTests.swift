import DeliveryModel
import DeliveryStore
import Testing

@Suite struct PipelineRecordsTests {
    let scratch: Scratch
    let start = Timestamp(microseconds: 1_700_000_000_000_000)

    init() throws { scratch = try Scratch() }

    private func row(_ number: Int, service: String = "shop", open: Bool = false) -> PipelineRunRow {
        PipelineRunRow(
            id: "\(service)-p\(number)", service: service, number: number, repository: "shop", branch: "main",
            commit: "c\(number)", startedAt: start + .seconds(number), isOpen: open, json: "{\"n\":\(number)}")
    }

    @Test func aRunChangesInPlaceAndIsFoundWhileOpen() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        try database.commit(
            journal: [draft(1)], records: PipelineRecords(runs: [row(1, open: true), row(2, open: true)]))
        var ended = row(1)
        ended.json = "{}"
        try database.commit(journal: [], records: PipelineRecords(documents: ["queue": "{}"], runs: [ended]))
        #expect(try database.openRuns().map(\.id) == ["shop-p2"])
        #expect(try database.run("shop-p1") == ended)
        #expect(try database.run("nowhere-p1") == nil)
        #expect(try database.runs(service: "shop").map(\.number) == [2, 1])
        #expect(try database.runs(service: "other").isEmpty)
        #expect(try database.runs(branch: "main", limit: 1).map(\.number) == [2])
        #expect(try database.lastRunNumber(service: "shop") == 2)
        #expect(try database.lastRunNumber(service: "other") == 0)
        #expect(try database.document("queue") == "{}")
        #expect(try database.document("nothing") == nil)
        #expect(try database.load().lastSequence == 1)
    }

    @Test func oldRunsGoButNeverOpenOnes() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        let limit = DatabaseLimits.runsPerService
        try database.commit(journal: [], records: PipelineRecords(runs: [row(1, open: true), row(2)]))
        try database.commit(journal: [], records: PipelineRecords(runs: [row(limit + 2)]))
        #expect(try database.run("shop-p1") != nil)
        #expect(try database.run("shop-p2") == nil)
        try database.commit(journal: [], records: PipelineRecords(runs: [row(1, service: "other")]))
        #expect(try database.runs(service: "other").count == 1)
    }

    @Test func testsAddUpAndFlakyOnesAreFound() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        func outcome(_ name: String, _ commit: String, passed: Bool) -> PipelineTestOutcome {
            PipelineTestOutcome(
                service: "shop", commit: commit, stage: "unit", name: name, passed: passed ? 1 : 0,
                failed: passed ? 0 : 1, at: start)
        }
        try database.commit(
            journal: [],
            records: PipelineRecords(tests: [outcome("a", "1", passed: true), outcome("b", "1", passed: true)]))
        try database.commit(
            journal: [],
            records: PipelineRecords(tests: [outcome("a", "1", passed: false), outcome("b", "2", passed: false)]))
        let flaky = try database.flakyTests(service: "shop")
        #expect(flaky.map(\.name) == ["a"], "b differs between commits only")
        #expect(flaky.first.map { [$0.passed, $0.failed] } == [1, 1])
        #expect(try database.flakyTests(service: "other").isEmpty)
        // Older than the limit of age, seen from the newest.
        var later = outcome("c", "3", passed: true)
        later.at = start + DatabaseLimits.testAge + .seconds(1)
        try database.commit(journal: [], records: PipelineRecords(tests: [later]))
        #expect(try database.flakyTests(service: "shop").isEmpty)
    }

    @Test func deliveriesAndBudgetsAreRemembered() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        try database.commit(journal: [], records: PipelineRecords(deliveries: ["a": start]))
        #expect(try database.knowsDelivery(["x", "a"]))
        #expect(try !database.knowsDelivery(["x"]))
        let much = start + DatabaseLimits.webhookAge + .seconds(1)
        try database.commit(journal: [], records: PipelineRecords(deliveries: ["b": much]))
        #expect(try !database.knowsDelivery(["a"]), "forgotten after its time")
        func hour(_ hour: Int64, _ requests: Int64) -> BudgetHour {
            BudgetHour(service: "shop", hour: hour, requests: requests, bad: 1)
        }
        try database.commit(journal: [], records: PipelineRecords(budget: [hour(1, 5), hour(2, 5)]))
        try database.commit(journal: [], records: PipelineRecords(budget: [hour(2, 7)]))
        #expect(try database.budgetHours() == [hour(1, 5), hour(2, 7)])
        try database.commit(journal: [], records: PipelineRecords(budget: [hour(2 + DatabaseLimits.budgetHours, 1)]))
        #expect(try database.budgetHours().map(\.hour) == [2 + DatabaseLimits.budgetHours])
    }

    @Test func whatIsTooLongLeavesNothing() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        var long = row(1)
        long.json = "\"" + String(repeating: "x", count: DatabaseLimits.textBytes) + "\""
        let error = storeError {
            try database.commit(journal: [draft(1)], records: PipelineRecords(documents: ["a": "{}"], runs: [long]))
        }
        #expect(error?.code == .refused)
        #expect(try database.document("a") == nil)
        #expect(try database.load().lastSequence == 0)
    }
}
