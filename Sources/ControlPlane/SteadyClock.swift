public import DeliveryModel

/// Wall-clock time that never runs backwards while the process lives: the wall clock is read once, the steady clock
/// counts from there.
public struct SteadyClock: Sendable {
    private let origin: Timestamp
    private let start: ContinuousClock.Instant

    /// - Parameter wall: now, by the wall clock.
    public init(wall: Timestamp) {
        origin = wall
        start = ContinuousClock.now
    }

    public var now: Timestamp { origin + start.duration(to: .now) }
}
