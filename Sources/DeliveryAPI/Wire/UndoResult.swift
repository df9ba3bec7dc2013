public import DeliveryModel

/// Body of `POST /api/v1/services/{service}/undo`; all optional.
public struct UndoRequest: Sendable, Equatable, Codable {
    /// Digest, digest prefix or commit to go back to; `nil`: the last good release.
    public var to: String?
    public init(to: String? = nil) { self.to = to }
}

/// Answer of undo and redo, sent when traffic has moved.
public struct UndoResult: Sendable, Equatable, Codable {
    public var service: ServiceName
    /// `false`: it was there already.
    public var changed: Bool
    public var from: ReleaseDigest?
    public var to: ReleaseDigest
    public var toCommit: String
    /// From the request accepted to the router acknowledging the new table.
    public var seconds: Double
    /// `false`: the disk refused the journal entry; it is kept in memory and written as soon as it can be.
    public var journaled: Bool
    public var message: String

    public init(
        service: ServiceName, changed: Bool, from: ReleaseDigest?, to: ReleaseDigest, toCommit: String, seconds: Double,
        journaled: Bool, message: String
    ) {
        self.service = service
        self.changed = changed
        self.from = from
        self.to = to
        self.toCommit = toCommit
        self.seconds = seconds
        self.journaled = journaled
        self.message = message
    }
}

/// Answer of `POST /api/v1/services/{service}/drill`: an undo and its redo on live traffic.
public struct DrillResult: Sendable, Equatable, Codable {
    public var service: ServiceName
    public var from: ReleaseDigest
    public var to: ReleaseDigest
    public var undoSeconds: Double
    public var redoSeconds: Double
    /// Bad answers of both releases while it went on.
    public var bad: UInt64
    public var requests: UInt64

    public init(
        service: ServiceName, from: ReleaseDigest, to: ReleaseDigest, undoSeconds: Double, redoSeconds: Double,
        bad: UInt64,
        requests: UInt64
    ) {
        self.service = service
        self.from = from
        self.to = to
        self.undoSeconds = undoSeconds
        self.redoSeconds = redoSeconds
        self.bad = bad
        self.requests = requests
    }
}
