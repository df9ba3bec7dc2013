public import DeliveryModel

/// One entry of the journal as it is sent; also the data of an event of `/api/v1/events`, whose id is the sequence.
public struct JournalItem: Sendable, Equatable, Codable {
    public var sequence: Int64
    public var time: Timestamp
    public var service: String?
    /// `deploy.accepted`, `rollout.step`, `rollout.undone`, ...
    public var kind: String
    public var actor: String
    /// What happened, an object: `release`, `commit`, `rollout`, `shareBasisPoints`, `verdict`, `why`.
    public var data: JSONValue
    public var hash: String

    public init(
        sequence: Int64, time: Timestamp, service: String?, kind: String, actor: String, data: JSONValue, hash: String
    ) {
        self.sequence = sequence
        self.time = time
        self.service = service
        self.kind = kind
        self.actor = actor
        self.data = data
        self.hash = hash
    }
}

/// Answer of `GET /api/v1/journal?after=N&limit=N&service=S`, oldest first.
public struct JournalPage: Sendable, Equatable, Codable {
    public var entries: [JournalItem]
    public init(entries: [JournalItem]) { self.entries = entries }
}

/// Answer of `GET /api/v1/journal/verify`.
public struct JournalCheck: Sendable, Equatable, Codable {
    public struct Problem: Sendable, Equatable, Codable {
        public var sequence: Int64
        public var what: String
        public init(sequence: Int64, what: String) {
            self.sequence = sequence
            self.what = what
        }
    }

    public var entries: Int64
    public var head: String
    public var problems: [Problem]
    public init(entries: Int64, head: String, problems: [Problem]) {
        self.entries = entries
        self.head = head
        self.problems = problems
    }
}
