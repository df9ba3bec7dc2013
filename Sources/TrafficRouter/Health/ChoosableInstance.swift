/// What choosing and ejecting need of an instance as one event loop sees it. For final classes: everything here is
/// generic and specialised, nothing is an existential.
protocol ChoosableInstance: AnyObject {
    /// Requests under way on it, from this event loop.
    var inFlight: Int { get }
    /// In the table and not draining.
    var takesRequests: Bool { get }
    var health: InstanceHealth { get set }
    /// Kept for `InstanceChoice`; 0 at first.
    var turn: UInt64 { get set }
}

/// What a request's outcome, or another loop's report, changed about an instance.
enum HealthEvent: Sendable, Equatable {
    case ejected(Ejection)
    /// Suspected, but kept, because the release would fare no better without it.
    case spared(EjectionReason)
    /// Proved itself after an ejection.
    case restored
}

extension ChoosableInstance {
    func standing(now: UInt64) -> InstanceStanding {
        health.standing(takesRequests: takesRequests, now: now)
    }

    /// Takes the outcome of a request to this instance, and ejects the instance if that is due.
    ///
    /// - Parameters:
    ///   - others: all instances of its release; itself is passed over.
    ///   - started: when the request was sent to the instance.
    /// - Returns: what to write down and to tell the other event loops; `nil` for nearly every request.
    func record(
        _ outcome: InstanceOutcome, among others: [Self], started: UInt64, now: UInt64, settings: HealthSettings
    ) -> HealthEvent? {
        switch health.record(outcome, started: started, now: now, settings: settings) {
        case .nothing:
            return nil
        case .restored:
            startSlowly(among: others, now: now, settings: settings)
            return .restored
        case .suspect(let reason):
            guard EjectionRule.allows(self, among: others, isReported: false, now: now, settings: settings) else {
                health.spare(now: now, settings: settings)
                return .spared(reason)
            }
            return .ejected(health.eject(reason, now: now, settings: settings))
        }
    }

    /// Ejects the instance because another event loop did; not when that would take the last one this loop has.
    /// - Returns: whether it was ejected.
    func adopt(_ ejection: Ejection, among others: [Self], now: UInt64, settings: HealthSettings) -> Bool {
        guard ejection.until > now,
            EjectionRule.allows(self, among: others, isReported: true, now: now, settings: settings)
        else { return false }
        health.adopt(Ejection(reason: .reported, until: ejection.until, count: ejection.count))
        return true
    }

    /// Takes the instance back because another event loop did.
    func adoptRestoration(among others: [Self], now: UInt64, settings: HealthSettings) {
        guard health.endProbation(now: now) else { return }
        startSlowly(among: others, now: now, settings: settings)
    }

    /// Takes what the active checks found, and begins a slow start when it is back among others that serve.
    func setHealthy(_ healthy: Bool, among others: [Self], now: UInt64, settings: HealthSettings) {
        guard health.setHealthy(healthy, now: now) else { return }
        startSlowly(among: others, now: now, settings: settings)
    }

    /// Begins a slow start if others of the release serve already; also for an instance that is new in the table, with
    /// those that were in it before as `others`.
    func startSlowly(among others: [Self], now: UInt64, settings: HealthSettings) {
        guard settings.slowStart > .zero else { return }
        var serving = 0
        for other in others where other !== self && other.standing(now: now).isEligible { serving += 1 }
        guard SlowStart.isDue(serving: serving, settings: settings) else { return }
        health.beginSlowStart(now: now, settings: settings)
    }
}
