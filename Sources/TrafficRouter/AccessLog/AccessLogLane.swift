import Synchronization

/// Lines of one event loop on their way to the writer.
///
/// `@unchecked Sendable`: a batch has one owner at a time. It is either in one of the two slots of its lane, where
/// nobody touches it, or held by the one who took it out by an atomic exchange, which leaves the slot empty; storing
/// (releasing) and taking (acquiring) order what the owners do.
final class AccessLogBatch: @unchecked Sendable {
    var bytes: [UInt8] = []
    var lines: UInt64 = 0
    /// Lines that did not fit since this batch was written last.
    var dropped: UInt64 = 0

    init(capacity: Int) { bytes.reserveCapacity(capacity) }
}

/// Passes batches between one event loop and the writer's thread. Neither ever waits for the other: each step is one
/// atomic exchange. There are two batches at most: while the writer writes one, the loop fills the other.
final class AccessLogLane: Sendable {
    /// Bytes that one batch may hold.
    let capacity: Int
    /// With lines in it; put there by the loop, taken by either.
    private let filled = Atomic<Unmanaged<AccessLogBatch>?>(nil)
    /// Written and emptied; put there by the writer, taken by the loop.
    private let written = Atomic<Unmanaged<AccessLogBatch>?>(nil)

    init(capacity: Int) { self.capacity = capacity }

    deinit {
        filled.exchange(nil, ordering: .acquiring)?.release()
        written.exchange(nil, ordering: .acquiring)?.release()
    }

    /// For the event loop: the batch to append to. Give it back with `put`.
    func open() -> AccessLogBatch {
        take(filled) ?? take(written) ?? AccessLogBatch(capacity: capacity)
    }

    /// For the event loop: lets the writer have the batch.
    func put(_ batch: AccessLogBatch) {
        filled.store(Unmanaged.passRetained(batch), ordering: .releasing)
    }

    /// For the writer: what has come in; `nil` when there is nothing, or the loop is adding to it right now.
    func takeFilled() -> AccessLogBatch? { take(filled) }

    /// For the writer: gives back a batch that has been written.
    func recycle(_ batch: AccessLogBatch) {
        batch.bytes.removeAll(keepingCapacity: true)
        batch.lines = 0
        batch.dropped = 0
        written.exchange(Unmanaged.passRetained(batch), ordering: .acquiringAndReleasing)?.release()
    }

    private func take(_ slot: borrowing Atomic<Unmanaged<AccessLogBatch>?>) -> AccessLogBatch? {
        slot.exchange(nil, ordering: .acquiring)?.takeRetainedValue()
    }
}
