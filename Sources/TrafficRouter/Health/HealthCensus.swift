/// How many of a release's instances are in which condition, for the measures. Draining ones are not counted.
struct HealthCensus: Sendable, Equatable {
    private(set) var instances = 0
    /// Those that are chosen only in a panic or when nothing better is left.
    private(set) var out = 0
    private(set) var inSlowStart = 0
    private(set) var isPanicking = false

    init<Instance: ChoosableInstance>(_ all: [Instance], now: UInt64, settings: HealthSettings) {
        for instance in all {
            let standing = instance.standing(now: now)
            guard standing != .gone else { continue }
            instances += 1
            if !standing.isEligible { out += 1 }
            if instance.health.condition(now: now) == .slowStart { inSlowStart += 1 }
        }
        isPanicking =
            instances > 0 && PanicThreshold.isCrossed(eligible: instances - out, of: instances, settings: settings)
    }
}
