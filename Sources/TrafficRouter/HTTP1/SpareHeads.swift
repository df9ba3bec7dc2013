/// Heads of requests that are over, whose arrays have the room that requests here need.
///
/// One for each event loop: a connection without a request has none of its own, and there may be thousands of these.
struct SpareHeads {
    private static let limit = 64
    private var heads: [RequestHead] = []

    /// A head that nobody else holds on to.
    mutating func take() -> RequestHead {
        if var spare = heads.popLast(), isKnownUniquelyReferenced(&spare) { return spare }
        return RequestHead()
    }

    /// May come while others still look at the head.
    mutating func giveBack(_ head: RequestHead) { if heads.count < Self.limit { heads.append(head) } }
}
