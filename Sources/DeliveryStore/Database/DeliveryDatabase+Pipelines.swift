public import DeliveryModel
import GRDB

extension DeliveryDatabase {
    /// A document's JSON; `nil` when there is none.
    public func document(_ key: String) throws(StoreError) -> String? {
        try reading { database in
            try String.fetchOne(database, sql: "SELECT json FROM document WHERE key = ?", arguments: [key])
        }
    }

    /// Runs that have not ended, the oldest first.
    public func openRuns() throws(StoreError) -> [PipelineRunRow] {
        try reading { database in
            try Row.fetchAll(
                database, sql: "SELECT \(Self.runColumns) FROM pipeline_run WHERE isOpen = 1 ORDER BY startedAt, number"
            ).map(Self.run)
        }
    }

    public func run(_ id: String) throws(StoreError) -> PipelineRunRow? {
        try reading { database in
            try Row.fetchOne(
                database, sql: "SELECT \(Self.runColumns) FROM pipeline_run WHERE id = ?", arguments: [id]
            ).map(Self.run)
        }
    }

    /// The newest runs first.
    /// - Parameters:
    ///   - service, repository, branch: `nil` for all.
    ///   - limit: at most ``DatabaseLimits/page``.
    public func runs(
        service: String? = nil, repository: String? = nil, branch: String? = nil, limit: Int = 50
    ) throws(StoreError) -> [PipelineRunRow] {
        try reading { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.runColumns) FROM pipeline_run
                    WHERE (?1 IS NULL OR service = ?1) AND (?2 IS NULL OR repository = ?2)
                        AND (?3 IS NULL OR branch = ?3)
                    ORDER BY startedAt DESC, number DESC LIMIT ?4
                    """, arguments: [service, repository, branch, min(max(limit, 0), DatabaseLimits.page)]
            ).map(Self.run)
        }
    }

    /// The number of the service's newest run, 0 when it has none.
    public func lastRunNumber(service: String) throws(StoreError) -> Int {
        try reading { database in
            try Int.fetchOne(
                database, sql: "SELECT max(number) FROM pipeline_run WHERE service = ?", arguments: [service]) ?? 0
        }
    }

    /// Tests that passed and failed at one and the same commit: flaky ones, those seen last first.
    public func flakyTests(service: String, limit: Int = 100) throws(StoreError) -> [PipelineTestOutcome] {
        try reading { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT service, commitHash, stage, name, passed, failed, at FROM pipeline_test
                    WHERE service = ? AND passed > 0 AND failed > 0 ORDER BY at DESC, stage, name LIMIT ?
                    """, arguments: [service, min(max(limit, 0), DatabaseLimits.page)]
            ).map { row in
                PipelineTestOutcome(
                    service: row[0], commit: row[1], stage: row[2], name: row[3], passed: row[4], failed: row[5],
                    at: Timestamp(microseconds: row[6]))
            }
        }
    }

    /// Counts of all services, by hour.
    public func budgetHours() throws(StoreError) -> [BudgetHour] {
        try reading { database in
            try Row.fetchAll(database, sql: "SELECT service, hour, requests, bad FROM budget_hour").map { row in
                BudgetHour(service: row[0], hour: row[1], requests: row[2], bad: row[3])
            }
        }
    }

    /// Whether any of these deliveries has been taken already.
    public func knowsDelivery(_ keys: [String]) throws(StoreError) -> Bool {
        try reading { database in
            for key in keys {
                let found = try Int.fetchOne(
                    database, sql: "SELECT 1 FROM webhook_delivery WHERE key = ?", arguments: [key])
                if found != nil { return true }
            }
            return false
        }
    }

    private static let runColumns = "id, service, number, repository, branch, commitHash, startedAt, isOpen, json"

    private static func run(_ row: Row) -> PipelineRunRow {
        PipelineRunRow(
            id: row[0], service: row[1], number: row[2], repository: row[3], branch: row[4], commit: row[5],
            startedAt: Timestamp(microseconds: row[6]), isOpen: row[7], json: row[8])
    }
}

extension DeliveryDatabase {
    static func check(_ records: PipelineRecords) throws(StoreError) {
        for (key, json) in records.documents {
            try checkLength(json, "the document '\(key)'", limit: DatabaseLimits.documentBytes)
        }
        for run in records.runs { try checkLength(run.json, "the pipeline run '\(run.id)'") }
        for test in records.tests { try checkLength(test.name, "the name of a test of '\(test.service)'") }
    }

    static func save(_ records: PipelineRecords, _ database: Database) throws {
        if records.isEmpty { return }
        for (key, json) in records.documents {
            try database.cachedStatement(
                sql: """
                    INSERT INTO document (key, json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET json = excluded.json
                    """
            ).execute(arguments: [key, json])
        }
        try save(records.runs, database)
        try save(records.tests, database)
        try save(records.deliveries, database)
        try save(records.budget, database)
    }

    private static func save(_ hours: [BudgetHour], _ database: Database) throws {
        guard let newest = hours.map(\.hour).max() else { return }
        let add = try database.cachedStatement(
            sql: """
                INSERT INTO budget_hour (service, hour, requests, bad) VALUES (?, ?, ?, ?)
                ON CONFLICT (service, hour) DO UPDATE SET requests = excluded.requests, bad = excluded.bad
                """)
        for hour in hours { try add.execute(arguments: [hour.service, hour.hour, hour.requests, hour.bad]) }
        try database.cachedStatement(sql: "DELETE FROM budget_hour WHERE hour <= ?")
            .execute(arguments: [newest - DatabaseLimits.budgetHours])
    }

    private static func save(_ runs: [PipelineRunRow], _ database: Database) throws {
        for run in runs {
            try database.cachedStatement(
                sql: """
                    INSERT INTO pipeline_run (\(runColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET isOpen = excluded.isOpen, json = excluded.json
                    """
            ).execute(arguments: [
                run.id, run.service, run.number, run.repository, run.branch, run.commit, run.startedAt.microseconds,
                run.isOpen, run.json,
            ])
            try database.cachedStatement(
                sql: "DELETE FROM pipeline_run WHERE service = ? AND number <= ? AND isOpen = 0"
            ).execute(arguments: [run.service, run.number - DatabaseLimits.runsPerService])
        }
    }

    private static func save(_ tests: [PipelineTestOutcome], _ database: Database) throws {
        guard let newest = tests.map(\.at).max() else { return }
        let add = try database.cachedStatement(
            sql: """
                INSERT INTO pipeline_test (service, commitHash, stage, name, passed, failed, at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (service, commitHash, stage, name) DO UPDATE SET passed = passed + excluded.passed,
                    failed = failed + excluded.failed, at = excluded.at
                """)
        for test in tests {
            try add.execute(arguments: [
                test.service, test.commit, test.stage, test.name, test.passed, test.failed, test.at.microseconds,
            ])
        }
        try prune("pipeline_test", before: newest - DatabaseLimits.testAge, atMost: DatabaseLimits.tests, database)
    }

    private static func save(_ deliveries: [String: Timestamp], _ database: Database) throws {
        guard let newest = deliveries.values.max() else { return }
        let add = try database.cachedStatement(
            sql: "INSERT INTO webhook_delivery (key, at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING")
        for (key, time) in deliveries { try add.execute(arguments: [key, time.microseconds]) }
        try prune(
            "webhook_delivery", before: newest - DatabaseLimits.webhookAge, atMost: DatabaseLimits.webhooks, database)
    }

    /// Removes what is older than `before`, and of the rest all older than the newest `count`.
    private static func prune(
        _ table: String, before: Timestamp, atMost count: Int, _ database: Database
    ) throws {
        try database.cachedStatement(sql: "DELETE FROM \(table) WHERE at < ?").execute(arguments: [before.microseconds])
        try database.cachedStatement(
            sql: """
                DELETE FROM \(table) WHERE at < (SELECT at FROM \(table) ORDER BY at DESC LIMIT 1 OFFSET ?)
                """
        ).execute(arguments: [count])
    }
}
