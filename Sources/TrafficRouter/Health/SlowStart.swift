/// Part of its full load that an instance is given, in ten-thousandths: 1 to 10,000.
struct InstanceWeight: Sendable, Equatable, Comparable {
    static let full = InstanceWeight(unchecked: 10_000)
    /// The least that an instance which takes requests gets: enough to warm it, and to see whether it is well.
    static let floor = InstanceWeight(unchecked: 1_000)

    let tenThousandths: UInt32

    private init(unchecked value: UInt32) { tenThousandths = value }

    /// Values outside 1 to 10,000 are moved to its ends.
    init(tenThousandths: Int) { self.tenThousandths = UInt32(min(max(tenThousandths, 1), 10_000)) }

    static func < (left: InstanceWeight, right: InstanceWeight) -> Bool { left.tenThousandths < right.tenThousandths }
}

/// The load of an instance that joins others which serve already, raised in a straight line.
///
/// Only relative to them does it make sense: whoever begins one asks `isDue` first. Where all instances of a release
/// are new together, at the start of the router or of a release, none starts slowly.
struct SlowStart: Sendable, Equatable {
    /// At full load from the beginning.
    static let none = SlowStart(begun: 0, duration: 0)

    private let begun: UInt64
    private let duration: UInt64

    private init(begun: UInt64, duration: UInt64) {
        self.begun = begun
        self.duration = duration
    }

    /// - Parameter duration: zero: full load at once; more than 24 hours count as 24 hours.
    init(now: UInt64, duration: Duration) {
        self.init(begun: now, duration: duration.clampedNanoseconds)
    }

    /// Whether an instance that becomes eligible starts slowly.
    /// - Parameter serving: the release's other instances that are eligible and were so before this one.
    static func isDue(serving: Int, settings: HealthSettings) -> Bool { settings.slowStart > .zero && serving > 0 }

    /// The part of the duration that has passed, at least `InstanceWeight.floor`.
    func weight(now: UInt64) -> InstanceWeight {
        let passed = now - min(now, begun)
        guard passed < duration else { return .full }
        // Below 8.64e13 times 1e4: far from overflow.
        return max(.floor, InstanceWeight(tenThousandths: Int(passed * 10_000 / duration)))
    }

    func isOver(now: UInt64) -> Bool { now - min(now, begun) >= duration }
}
