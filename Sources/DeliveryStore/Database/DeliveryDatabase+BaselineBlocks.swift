public import DeliveryModel
import GRDB

/// What a service's baseline counted in one block of time, from which the judge's dispersion is estimated.
public struct BaselineBlock: Sendable, Equatable {
    public var service: String
    /// When the block of time begins; a service has one block for each.
    public var start: Timestamp
    /// JSON on one line, at most ``DatabaseLimits/baselineBlockBytes``.
    public var line: String

    public init(service: String, start: Timestamp, line: String) {
        self.service = service
        self.start = start
        self.line = line
    }
}

extension DeliveryDatabase {
    /// Adds blocks in one transaction, in place of those of the same service and start, and prunes those that begin
    /// longer than ``DatabaseLimits/baselineBlockAge`` before or after `now` (a clock that went back leaves those), and
    /// the oldest beyond ``DatabaseLimits/baselineBlocks``.
    ///
    /// - Throws: `.refused` for a line beyond its limit; `.full`, `.io`. Nothing is added then.
    public func append(blocks: [BaselineBlock], at now: Timestamp) throws(StoreError) {
        for block in blocks {
            try Self.checkLength(
                block.line, "a block of service '\(block.service)'", limit: DatabaseLimits.baselineBlockBytes)
        }
        if blocks.isEmpty { return }
        let (oldest, newest) = (now - DatabaseLimits.baselineBlockAge, now + DatabaseLimits.baselineBlockAge)
        try writing { database in
            let insert = try database.cachedStatement(
                sql: """
                    INSERT INTO baseline_block (service, start, line) VALUES (?, ?, ?)
                    ON CONFLICT (service, start) DO UPDATE SET line = excluded.line
                    """)
            for block in blocks {
                try insert.execute(arguments: [block.service, block.start.microseconds, block.line])
            }
            try database.cachedStatement(sql: "DELETE FROM baseline_block WHERE start < ? OR start > ?")
                .execute(arguments: [oldest.microseconds, newest.microseconds])
            try database.cachedStatement(
                sql: """
                    DELETE FROM baseline_block WHERE (service, start) IN
                        (SELECT service, start FROM baseline_block ORDER BY start DESC, service LIMIT -1 OFFSET ?)
                    """
            ).execute(arguments: [DatabaseLimits.baselineBlocks])
        }
    }

    /// Blocks that begin at `since` or later, oldest first, at most ``DatabaseLimits/baselineBlocks``.
    public func blocks(since: Timestamp) throws(StoreError) -> [BaselineBlock] {
        try reading { database in
            let find = try database.cachedStatement(
                sql: """
                    SELECT service, start, line FROM baseline_block WHERE start >= ? ORDER BY start, service
                    """)
            return try Row.fetchAll(find, arguments: [since.microseconds]).map { row in
                BaselineBlock(service: row[0], start: Timestamp(microseconds: row[1]), line: row[2])
            }
        }
    }
}
