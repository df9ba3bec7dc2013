import DeliveryModel
import GRDB

extension DeliveryDatabase {
    private static let columns = "sequence, time, service, kind, actor, data, previousHash, hash"

    /// Entries with a sequence greater than `after`, oldest first.
    ///
    /// - Parameters:
    ///   - service: Only those of this service; `nil` for all, those of no service included.
    ///   - limit: At most this many, and never more than ``DatabaseLimits/page``; read on from the last sequence.
    ///   - kinds: Only these kinds; `nil` for all.
    public func entries(
        after: Int64, service: String? = nil, limit: Int = DatabaseLimits.page, kinds: Set<String>? = nil
    ) throws(StoreError) -> [JournalEntry] {
        var sql = "SELECT \(Self.columns) FROM journal WHERE sequence > ?"
        var arguments: [any DatabaseValueConvertible] = [after]
        if let service {
            sql += " AND service = ?"
            arguments.append(service)
        }
        if let kinds {
            sql += " AND kind IN (\(kinds.map { _ in "?" }.joined(separator: ", ")))"
            arguments += kinds.sorted()
        }
        sql += " ORDER BY sequence LIMIT ?"
        arguments.append(min(max(limit, 0), DatabaseLimits.page))
        let (statement, values) = (sql, StatementArguments(arguments))
        return try reading { database in
            try Row.fetchAll(database.cachedStatement(sql: statement), arguments: values).map(Self.entry)
        }
    }

    /// The newest entries with a sequence less than `before`, oldest first: what a reader wants of a long journal.
    ///
    /// - Parameters:
    ///   - service: Only those of this service; `nil` for all, those of no service included.
    ///   - limit: At most this many, and never more than ``DatabaseLimits/page``; read on from the first sequence.
    public func entries(
        before: Int64, service: String? = nil, limit: Int = DatabaseLimits.page
    ) throws(StoreError) -> [JournalEntry] {
        let ofService = service == nil ? "" : " AND service = ?"
        let sql = "SELECT \(Self.columns) FROM journal WHERE sequence < ?\(ofService) ORDER BY sequence DESC LIMIT ?"
        var arguments: [any DatabaseValueConvertible] = [before]
        if let service { arguments.append(service) }
        arguments.append(min(max(limit, 0), DatabaseLimits.page))
        let values = StatementArguments(arguments)
        return try reading { database in
            try Row.fetchAll(database.cachedStatement(sql: sql), arguments: values).reversed().map(Self.entry)
        }
    }

    /// Walks the whole journal and finds every entry that was changed, removed (also at the end), moved or inserted
    /// since it was
    /// written. Reads one snapshot, one entry at a time. Who can write the file could also build a whole new chain:
    /// keep
    /// ``JournalVerification/headHash`` elsewhere to find even that.
    public func verify() throws(StoreError) -> JournalVerification {
        try reading { database in
            var problems: [JournalVerification.Problem] = []
            func report(_ sequence: Int64, _ what: String) {
                if problems.count < DatabaseLimits.problems { problems.append(.init(sequence: sequence, what: what)) }
            }
            let recorded = try Self.head(database)
            var count: Int64 = 0
            var last = (sequence: Int64(0), hash: JournalEntry.genesisHash)
            let rows = try Row.fetchCursor(
                database, sql: "SELECT \(Self.columns) FROM journal ORDER BY sequence")
            while let row = try rows.next() {
                guard let entry = Self.checkedEntry(row) else {
                    count += 1
                    report(last.sequence + 1, "the entry after \(last.sequence) is not of the journal's form: changed")
                    continue
                }
                count += 1
                let missing = last.sequence + 1
                if entry.sequence > missing {
                    report(missing, "entries \(missing) to \(entry.sequence - 1) are missing")
                } else if entry.sequence < missing {
                    report(entry.sequence, "entry \(entry.sequence) stands before the first place: inserted")
                }
                if entry.computedHash != entry.hash {
                    report(entry.sequence, "entry \(entry.sequence) was changed: its content does not have its hash")
                }
                if entry.previousHash != last.hash, entry.sequence <= missing {
                    report(
                        entry.sequence,
                        "entry \(entry.sequence) does not follow entry \(last.sequence): one was changed, moved "
                            + "or inserted"
                    )
                }
                last = (entry.sequence, entry.hash)
            }
            if last.sequence < recorded.count {
                report(last.sequence + 1, "entries \(last.sequence + 1) to \(recorded.count) are missing at the end")
            } else if last.sequence > recorded.count {
                report(recorded.count + 1, "\(last.sequence - recorded.count) entries at the end were inserted")
            } else if last.hash != recorded.hash {
                report(last.sequence, "the last entry is not the one that was written last: changed")
            }
            return JournalVerification(count: count, headHash: last.hash, problems: problems)
        }
    }

    private static func entry(_ row: Row) throws -> JournalEntry {
        guard let entry = checkedEntry(row) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a journal entry is not of the journal's form")
        }
        return entry
    }

    /// `nil` when a column holds another type than the store writes, which happens only to files changed by other
    /// hands.
    private static func checkedEntry(_ row: Row) -> JournalEntry? {
        func integer(_ index: Int) -> Int64? { Int64.fromDatabaseValue(row[index] as DatabaseValue) }
        func text(_ index: Int) -> String? { String.fromDatabaseValue(row[index] as DatabaseValue) }
        guard let sequence = integer(0), let time = integer(1), let kind = text(3), let actor = text(4),
            let data = text(5), let previousHash = text(6), let hash = text(7)
        else { return nil }
        return JournalEntry(
            sequence: sequence, time: Timestamp(microseconds: time), service: text(2), kind: kind, actor: actor,
            data: data, previousHash: previousHash, hash: hash)
    }
}
