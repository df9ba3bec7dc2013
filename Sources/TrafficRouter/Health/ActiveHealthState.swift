/// A change of what the checks of an instance say.
enum HealthTransition: Sendable, Equatable {
    case becameHealthy
    case becameUnhealthy
}

/// What the active checks of one instance have shown so far.
///
/// An instance starts healthy: it comes into the table only after whoever started it has seen it answer, and waiting
/// for a first check would leave a new release without instances.
struct ActiveHealthState: Sendable, Equatable {
    private(set) var isHealthy = true
    /// Results in a row that speak against `isHealthy`.
    private var against = 0
    /// When `isHealthy` last changed; 0: never.
    private(set) var changedAt: UInt64 = 0

    init() {}

    /// Takes the result of one check.
    /// - Returns: the change it brought; `nil` for most checks.
    mutating func record(success: Bool, now: UInt64, settings: HealthSettings) -> HealthTransition? {
        guard success != isHealthy else {
            against = 0
            return nil
        }
        against += 1
        guard against >= max(1, isHealthy ? settings.unhealthyAfter : settings.healthyAfter) else { return nil }
        against = 0
        isHealthy = success
        changedAt = now
        return success ? .becameHealthy : .becameUnhealthy
    }
}
