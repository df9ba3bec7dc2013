import DeliveryModel

/// Which deliveries came already, so that one that is sent again, by its sender or by somebody who overheard it, does
/// nothing. A value: whoever uses it stores it.
struct WebhookMemory: Sendable, Equatable, Codable {
    struct Entry: Sendable, Equatable, Codable {
        var id: String
        var digest: String
        var at: Timestamp
    }

    /// Most deliveries that are remembered; older ones are forgotten first.
    static let limit = 4096

    /// Oldest first.
    private(set) var entries: [Entry] = []

    init() {}

    /// Notes a delivery.
    ///
    /// - Returns: false when its identifier or its body came before.
    mutating func accept(_ delivery: WebhookDelivery, at time: Timestamp) -> Bool {
        guard !contains(delivery) else { return false }
        entries.append(Entry(id: delivery.id, digest: delivery.digest, at: time))
        if entries.count > Self.limit { entries.removeFirst(entries.count - Self.limit) }
        return true
    }

    func contains(_ delivery: WebhookDelivery) -> Bool {
        entries.contains { $0.id == delivery.id || $0.digest == delivery.digest }
    }
}
