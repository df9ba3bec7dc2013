import DeliveryModel
import GRDB

extension DeliveryDatabase {
    /// Everything that a control plane needs to go on where it stopped.
    public func load() throws(StoreError) -> StoredDelivery {
        try reading { database in
            var states: [String: String] = [:]
            let rows = try Row.fetchCursor(database, sql: "SELECT key, json FROM state")
            while let row = try rows.next() { states[row[0]] = row[1] as String }
            let outbox = try Row.fetchAll(
                database, sql: "SELECT id, service, generation, payload, createdAt FROM outbox ORDER BY position"
            ).map { row in
                OutboxEffect(
                    id: row[0], service: row[1], generation: UInt64(bitPattern: row[2] as Int64), payload: row[3],
                    createdAt: Timestamp(microseconds: row[4]))
            }
            return StoredDelivery(states: states, outbox: outbox, lastSequence: try Self.head(database).count)
        }
    }

    /// Appends to the journal, saves states, removes effects that are done and adds new ones, all or nothing, in one
    /// transaction
    /// and one fsync.
    ///
    /// - Parameters:
    ///   - states: Key to JSON; keys not named keep what they have.
    ///   - records: What pipelines and the deploy queue leave.
    ///   - addEffects: One with the id of an effect that is there replaces it (same work, newer generation) in its
    ///     place.
    ///   - removeEffects: Ids; those not there are no error, as an effect may be reported done twice. Removed before
    ///     adding.
    /// - Returns: The entries as written, in the order of `journal`.
    /// - Throws: `.full` (nothing was written; try again when there is room), `.refused` for `data` that is no JSON
    ///   object or
    ///   longer than ``DatabaseLimits/textBytes``, `.corrupt`, `.io`.
    @discardableResult
    public func commit(
        journal: [JournalDraft], states: [String: String] = [:], records: PipelineRecords = .init(),
        addEffects: [OutboxEffect] = [], removeEffects: [String] = []
    ) throws(StoreError) -> [JournalEntry] {
        for draft in journal { try Self.checkLength(draft.data, "the data of journal entry '\(draft.kind)'") }
        for (key, json) in states { try Self.checkLength(json, "the state '\(key)'") }
        for effect in addEffects { try Self.checkLength(effect.payload, "the effect '\(effect.id)'") }
        try Self.check(records)
        return try writing { database in
            let entries = try Self.append(journal, database)
            try Self.save(states, database)
            try Self.save(records, database)
            try Self.removeEffects(removeEffects, database)
            try Self.addEffects(addEffects, database)
            return entries
        }
    }

    /// How many entries were ever written and the hash of the last, as recorded apart from the journal itself.
    static func head(_ database: Database) throws -> (count: Int64, hash: String) {
        let statement = try database.cachedStatement(sql: "SELECT count, hash FROM journalHead WHERE id = 1")
        guard let row = try Row.fetchOne(statement) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the journal's head is missing")
        }
        return (row[0], row[1])
    }

    private static func append(_ drafts: [JournalDraft], _ database: Database) throws -> [JournalEntry] {
        if drafts.isEmpty { return [] }
        var (count, hash) = try head(database)
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO journal (sequence, time, service, kind, actor, data, previousHash, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
        var entries: [JournalEntry] = []
        for draft in drafts {
            let entry = JournalEntry(draft, sequence: count + 1, previousHash: hash)
            try insert.execute(arguments: [
                entry.sequence, entry.time.microseconds, entry.service, entry.kind, entry.actor, entry.data,
                entry.previousHash, entry.hash,
            ])
            (count, hash) = (entry.sequence, entry.hash)
            entries.append(entry)
        }
        let update = try database.cachedStatement(sql: "UPDATE journalHead SET count = ?, hash = ? WHERE id = 1")
        try update.execute(arguments: [count, hash])
        return entries
    }

    private static func save(_ states: [String: String], _ database: Database) throws {
        let save = try database.cachedStatement(
            sql: "INSERT INTO state (key, json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET json = excluded.json")
        for (key, json) in states { try save.execute(arguments: [key, json]) }
    }

    private static func removeEffects(_ ids: [String], _ database: Database) throws {
        let remove = try database.cachedStatement(sql: "DELETE FROM outbox WHERE id = ?")
        for id in ids { try remove.execute(arguments: [id]) }
    }

    private static func addEffects(_ effects: [OutboxEffect], _ database: Database) throws {
        let add = try database.cachedStatement(
            sql: """
                INSERT INTO outbox (id, service, generation, payload, createdAt) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET service = excluded.service, generation = excluded.generation,
                    payload = excluded.payload, createdAt = excluded.createdAt
                """)
        for effect in effects {
            try add.execute(arguments: [
                effect.id, effect.service, Int64(bitPattern: effect.generation), effect.payload,
                effect.createdAt.microseconds,
            ])
        }
    }
}
