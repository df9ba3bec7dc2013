/// Copies of requests that wait to be sent, on one event loop.
///
/// Bounded in number, those under way counted too, in bytes and in time. What does not fit is dropped, newest first,
/// and everything is dropped as soon as the worker has too much to do: people's requests come first. Every drop is
/// counted by its reason.
struct MirrorQueue<Item> {
    private struct Entry {
        let item: Item
        let bytes: Int
        let since: Int64
    }

    let limits: MirrorLimits
    private let maxWait: Int64
    /// Drops since the queue was made, by reason.
    private(set) var drops: [MirrorDropReason: UInt64] = [:]
    /// Copies sent and not finished.
    private(set) var inFlight = 0
    /// Copies that wait, and their bytes.
    private(set) var count = 0
    private(set) var bytes = 0
    // A ring, so that taking the first does not move the others; grows with what waits.
    private var ring: [Entry?] = []
    private var first = 0

    init(limits: MirrorLimits) {
        self.limits = limits
        let (seconds, attoseconds) = limits.maxWait.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        maxWait = overflow ? .max : product + attoseconds / 1_000_000_000
    }

    /// Puts a copy at the end.
    ///
    /// - Parameters:
    ///   - bytes: what the copy keeps in memory: head and body.
    ///   - workerInFlight: people's requests under way on this event loop.
    ///   - now: nanoseconds of a steady clock.
    /// - Returns: why it was dropped, counted already; `nil` when it waits.
    mutating func offer(_ item: Item, bytes: Int, workerInFlight: Int, now: Int64) -> MirrorDropReason? {
        if workerInFlight >= limits.maxWorkerInFlight {
            removeAll(.overload)
            return drop(.overload)
        }
        guard count + inFlight < limits.maxQueued else { return drop(.queueFull) }
        guard bytes <= limits.maxQueuedBytes - self.bytes else { return drop(.queueBytesFull) }
        if count == ring.count { grow() }
        ring[(first + count) % ring.count] = Entry(item: item, bytes: bytes, since: now)
        count += 1
        self.bytes += bytes
        return nil
    }

    /// Takes the oldest copy to send it, if one may be sent now; say `finished()` when it is over.
    mutating func next(workerInFlight: Int, now: Int64) -> Item? {
        guard count > 0 else { return nil }
        if workerInFlight >= limits.maxWorkerInFlight {
            removeAll(.overload)
            return nil
        }
        while inFlight < limits.maxInFlight, let entry = removeFirst() {
            if now - entry.since > maxWait {
                _ = drop(.stale)
                continue
            }
            inFlight += 1
            return entry.item
        }
        return nil
    }

    /// A copy taken with `next` has been answered, or has failed.
    mutating func finished() {
        precondition(inFlight > 0, "a copy was finished that was not sent")
        inFlight -= 1
    }

    /// Drops all copies that wait.
    mutating func removeAll(_ reason: MirrorDropReason) {
        while removeFirst() != nil { _ = drop(reason) }
    }

    /// Drops the copies that wait and meet a condition, such as those for a release that left the table.
    mutating func removeAll(_ reason: MirrorDropReason, where matches: (Item) -> Bool) {
        for _ in 0..<count {
            guard let entry = removeFirst() else { return }
            if matches(entry.item) {
                _ = drop(reason)
            } else {
                ring[(first + count) % ring.count] = entry
                count += 1
                bytes += entry.bytes
            }
        }
    }

    private mutating func removeFirst() -> Entry? {
        guard count > 0, let entry = ring[first] else { return nil }
        ring[first] = nil
        first = (first + 1) % ring.count
        count -= 1
        bytes -= entry.bytes
        return entry
    }

    private mutating func grow() {
        let waiting = (0..<count).map { ring[(first + $0) % ring.count] }
        ring = waiting + Array(repeating: nil, count: max(16, count))
        first = 0
    }

    private mutating func drop(_ reason: MirrorDropReason) -> MirrorDropReason {
        drops[reason, default: 0] += 1
        return reason
    }
}
