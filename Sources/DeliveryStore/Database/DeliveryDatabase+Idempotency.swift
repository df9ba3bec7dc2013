public import DeliveryModel
import FoundationEssentials
import GRDB

/// The answer that was given to a request with an `Idempotency-Key`, to be given again when the request is repeated.
public struct IdempotentResponse: Sendable, Equatable {
    /// A hash of the request: the same key with another request is the client's mistake.
    public var fingerprint: String
    /// HTTP status.
    public var status: Int
    public var body: [UInt8]

    public init(fingerprint: String, status: Int, body: [UInt8]) {
        self.fingerprint = fingerprint
        self.status = status
        self.body = body
    }
}

extension DeliveryDatabase {
    /// What was answered to `key`, or `nil` when that was never, or longer than ``DatabaseLimits/idempotencyAge``
    /// before `now`.
    public func idempotent(key: String, at now: Timestamp) throws(StoreError) -> IdempotentResponse? {
        let oldest = Self.oldestRemembered(now)
        return try reading { database in
            let find = try database.cachedStatement(
                sql: "SELECT fingerprint, status, body FROM idempotency WHERE key = ? AND at >= ?")
            return try Row.fetchOne(find, arguments: [key, oldest]).map { row in
                IdempotentResponse(
                    fingerprint: row[0], status: row[1], body: Array(row[2] as Data))
            }
        }
    }

    /// Remembers the answer to `key`, in place of an older one, and forgets what is too old or too much.
    ///
    /// - Throws: `.refused` for a key or body beyond its limit; `.full`, `.io`.
    public func remember(key: String, response: IdempotentResponse, at now: Timestamp) throws(StoreError) {
        guard (1...DatabaseLimits.idempotencyKeyBytes).contains(key.utf8.count) else {
            throw StoreError(
                .refused,
                "an Idempotency-Key has 1 to \(DatabaseLimits.idempotencyKeyBytes) bytes; this one has "
                    + "\(key.utf8.count)"
            )
        }
        guard response.body.count <= DatabaseLimits.textBytes else {
            throw StoreError(.refused, "the response to remember is longer than \(DatabaseLimits.textBytes) bytes")
        }
        let oldest = Self.oldestRemembered(now)
        try writing { database in
            try database.cachedStatement(sql: "DELETE FROM idempotency WHERE at < ?").execute(arguments: [oldest])
            try database.cachedStatement(
                sql: """
                    INSERT INTO idempotency (key, fingerprint, status, body, at) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status,
                        body = excluded.body, at = excluded.at
                    """
            ).execute(arguments: [
                key, response.fingerprint, response.status, Data(response.body), now.microseconds,
            ])
            try database.cachedStatement(
                sql: """
                    DELETE FROM idempotency WHERE key IN
                        (SELECT key FROM idempotency ORDER BY at DESC, key LIMIT -1 OFFSET ?)
                    """
            ).execute(arguments: [DatabaseLimits.idempotencyKeys])
        }
    }

    private static func oldestRemembered(_ now: Timestamp) -> Int64 {
        (now - DatabaseLimits.idempotencyAge).microseconds
    }
}
