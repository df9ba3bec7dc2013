public import DeliveryModel
import GRDB

/// One line of the judge's running verdict on a rollout.
public struct VerdictTick: Sendable, Equatable {
    public var rollout: String
    /// Seconds since the rollout began.
    public var t: Double
    /// JSON on one line.
    public var line: String

    public init(rollout: String, t: Double, line: String) {
        self.rollout = rollout
        self.t = t
        self.line = line
    }
}

extension DeliveryDatabase {
    /// Appends ticks in one transaction, keeps the newest ``DatabaseLimits/ticksPerRollout`` of each rollout named, and
    /// prunes those
    /// that were appended longer than ``DatabaseLimits/tickAge`` before `now`.
    public func append(ticks: [VerdictTick], at now: Timestamp) throws(StoreError) {
        for tick in ticks { try Self.checkLength(tick.line, "a tick of rollout '\(tick.rollout)'") }
        if ticks.isEmpty { return }
        let oldest = now - DatabaseLimits.tickAge
        try writing { database in
            let insert = try database.cachedStatement(
                sql: "INSERT INTO tick (rollout, t, line, at) VALUES (?, ?, ?, ?)")
            for tick in ticks {
                try insert.execute(arguments: [tick.rollout, tick.t, tick.line, now.microseconds])
            }
            let bound = try database.cachedStatement(
                sql: """
                    DELETE FROM tick WHERE rollout = ?1 AND number <=
                        (SELECT number FROM tick WHERE rollout = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)
                    """)
            for rollout in Set(ticks.map(\.rollout)) {
                try bound.execute(arguments: [rollout, DatabaseLimits.ticksPerRollout])
            }
            try database.cachedStatement(sql: "DELETE FROM tick WHERE at < ?")
                .execute(arguments: [oldest.microseconds])
        }
    }

    /// The lines of a rollout's ticks in the order in which they were appended; empty for one that has none.
    public func ticks(rollout: String) throws(StoreError) -> [String] {
        try reading { database in
            let find = try database.cachedStatement(sql: "SELECT line FROM tick WHERE rollout = ? ORDER BY number")
            return try String.fetchAll(find, arguments: [rollout])
        }
    }
}
