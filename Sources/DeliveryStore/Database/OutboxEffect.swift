public import DeliveryModel

/// Something that a driver has yet to do. It stays until a commit removes it, so a crash only makes it be done again.
public struct OutboxEffect: Sendable, Equatable {
    public var id: String
    public var service: String
    public var generation: UInt64
    /// JSON.
    public var payload: String
    public var createdAt: Timestamp

    public init(id: String, service: String, generation: UInt64, payload: String, createdAt: Timestamp) {
        self.id = id
        self.service = service
        self.generation = generation
        self.payload = payload
        self.createdAt = createdAt
    }
}

/// What a control plane starts from.
public struct StoredDelivery: Sendable, Equatable {
    /// Key of a state to its JSON.
    public let states: [String: String]
    /// Effects still to be done, in the order in which they were added.
    public let outbox: [OutboxEffect]
    /// The last journal entry's number, 0 when there is none.
    public let lastSequence: Int64
}
