/// Whether an instance may be chosen, and for how much.
enum InstanceStanding: Sendable, Equatable {
    case eligible(InstanceWeight)
    /// Unhealthy by its checks or ejected: used in a panic, and when nothing better is left.
    case unwell
    /// Refused a connection just now, so it would refuse the next: used when nothing else is left.
    case refusing
    /// Draining or no longer in the table: never used.
    case gone

    var isEligible: Bool {
        if case .eligible = self { true } else { false }
    }
}

/// One word about an instance, for people and measures.
enum InstanceCondition: String, Sendable, CaseIterable, Encodable {
    case healthy, unhealthy, ejected, probation, refusing
    case slowStart = "slow_start"

    /// Of two loops that see an instance differently, the one that it is worse for is told.
    func worse(_ other: InstanceCondition) -> InstanceCondition { severity >= other.severity ? self : other }

    private var severity: Int {
        switch self {
        case .healthy: 0
        case .slowStart: 1
        case .refusing: 2
        case .probation: 3
        case .ejected: 4
        case .unhealthy: 5
        }
    }
}

/// All that one event loop knows about how an instance is: checks, traffic, refusals, slow start. A fixed size, without
/// heap memory.
struct InstanceHealth: Sendable, Equatable {
    /// Nothing is known against the instance, and it has its full load. Nearly always so, and then all that choosing
    /// looks at.
    private(set) var isPlain = true
    /// What the active checks say, as the loop in charge of them published it.
    private(set) var isHealthy = true
    private(set) var passive = PassiveHealthState()
    private(set) var refusedUntil: UInt64 = 0
    private(set) var slowStart = SlowStart.none
    /// Ejections that this loop decided on since the instance came, for the measures.
    private(set) var ejectionsDecided: UInt64 = 0

    init() {}

    /// - Parameter takesRequests: whether the table lets it have new requests.
    func standing(takesRequests: Bool, now: UInt64) -> InstanceStanding {
        guard takesRequests else { return .gone }
        if isPlain { return .eligible(.full) }
        guard refusedUntil <= now else { return .refusing }
        guard isHealthy else { return .unwell }
        switch passive.phase(now: now) {
        case .serving: return .eligible(slowStart.weight(now: now))
        case .ejected: return .unwell
        case .probation: return .eligible(.floor)
        }
    }

    func condition(now: UInt64) -> InstanceCondition {
        guard isHealthy else { return .unhealthy }
        switch passive.phase(now: now) {
        case .ejected: return .ejected
        case .probation: return .probation
        case .serving: break
        }
        if refusedUntil > now { return .refusing }
        return slowStart.isOver(now: now) ? .healthy : .slowStart
    }

    /// Whether the instance could take over from one that is ejected: eligible, and not on trial itself.
    func isProven(takesRequests: Bool, now: UInt64) -> Bool {
        standing(takesRequests: takesRequests, now: now).isEligible && !passive.isOnTrial
    }

    // MARK: Changes

    /// The checks changed their mind.
    /// - Returns: whether the instance may be chosen again because of it, which is when a slow start may begin.
    mutating func setHealthy(_ healthy: Bool, now: UInt64) -> Bool {
        guard healthy != isHealthy else { return false }
        isHealthy = healthy
        if healthy {
            // Failing its checks and passing them again most likely means restarted: what its traffic showed is past.
            passive.endEjection(now: now)
            refusedUntil = 0
        }
        settle(now: now)
        return healthy && !passive.isOnTrial
    }

    mutating func beginSlowStart(now: UInt64, settings: HealthSettings) {
        slowStart = SlowStart(now: now, duration: settings.slowStart)
        settle(now: now)
    }

    mutating func record(
        _ outcome: InstanceOutcome, started: UInt64, now: UInt64, settings: HealthSettings
    ) -> PassiveHealthState.Finding {
        if outcome == .connectFailed { refusedUntil = now + settings.refusalPenalty.clampedNanoseconds }
        let finding = passive.record(outcome, started: started, now: now, settings: settings)
        if !isPlain || outcome.isFailure { settle(now: now) }
        return finding
    }

    /// The short way for nearly every request.
    /// - Returns: false: nothing was done, call `record`.
    mutating func recordPlainSuccess(started: UInt64, now: UInt64) -> Bool {
        isPlain && passive.recordPlainSuccess(started: started, now: now)
    }

    /// - Returns: whether a probation has ended with this.
    mutating func endProbation(now: UInt64) -> Bool {
        guard passive.endProbation(now: now) else { return false }
        settle(now: now)
        return true
    }

    mutating func eject(_ reason: EjectionReason, now: UInt64, settings: HealthSettings) -> Ejection {
        ejectionsDecided += 1
        isPlain = false
        return passive.eject(reason, now: now, settings: settings)
    }

    mutating func adopt(_ ejection: Ejection) {
        isPlain = false
        passive.adopt(ejection)
    }

    mutating func spare(now: UInt64, settings: HealthSettings) { passive.spare(now: now, settings: settings) }

    private mutating func settle(now: UInt64) {
        isPlain = isHealthy && !passive.isOnTrial && refusedUntil <= now && slowStart.isOver(now: now)
    }
}
