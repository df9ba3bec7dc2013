/// How a request to an instance ended, as far as it tells about the instance. What the client spoiled is not recorded.
enum InstanceOutcome: String, Sendable, CaseIterable {
    /// An answer below 500 to its end.
    case success
    case connectFailed
    /// Closed the connection before or within its answer, or sent what is no HTTP.
    case reset
    /// 500 to 599.
    case serverError
    /// Did not answer in time.
    case deadline

    var isFailure: Bool { self != .success }

    /// - Parameter status: of an answer that came to its end.
    init(status: Int) { self = status >= 500 ? .serverError : .success }
}

/// Why an instance is to be ejected.
enum EjectionReason: String, Sendable, CaseIterable {
    case consecutiveFailures
    case errorShare
    /// Failed again right after it came back from an ejection.
    case failedProbation
    /// Another event loop saw one of the above.
    case reported

    /// As the measures name it.
    var label: String {
        switch self {
        case .consecutiveFailures: "consecutive_failures"
        case .errorShare: "error_share"
        case .failedProbation: "failed_probation"
        case .reported: "reported"
        }
    }
}

/// An ejection, in the form in which one event loop tells the others.
struct Ejection: Sendable, Equatable {
    let reason: EjectionReason
    let until: UInt64
    /// Position among the instance's recent ejections, from 1.
    let count: Int
}

/// What the traffic of one instance shows about it: failures in a row and their share bring an ejection, which passes
/// into a probation, whose first successes end it.
///
/// Knows only its own instance: it says when to suspect it, and `ChoosableInstance.record` decides what follows, since
/// that hangs on how the others of the release are.
struct PassiveHealthState: Sendable, Equatable {
    enum Phase: String, Sendable { case serving, ejected, probation }
    /// What an outcome brought about.
    enum Finding: Sendable, Equatable {
        case nothing
        case suspect(EjectionReason)
        /// The probation is over.
        case restored
    }

    private(set) var window = FailureWindow()
    /// Outcomes of requests begun before this are no news: they were under way when the instance was ejected.
    private(set) var ejectedUntil: UInt64 = 0
    /// From an ejection to the end of the probation after it.
    private(set) var isOnTrial = false
    private(set) var ejections = 0
    private var streak = 0
    private var trialSuccesses = 0
    private var restoredAt: UInt64 = 0
    private var sparedUntil: UInt64 = 0

    init() {}

    func phase(now: UInt64) -> Phase {
        guard isOnTrial else { return .serving }
        return now < ejectedUntil ? .ejected : .probation
    }

    /// - Parameter started: when the request was sent to the instance.
    mutating func record(_ outcome: InstanceOutcome, started: UInt64, now: UInt64, settings: HealthSettings) -> Finding
    {
        guard started >= ejectedUntil else { return .nothing }
        window.record(failed: outcome.isFailure, now: now, bucketLength: settings.bucketLength)
        guard outcome.isFailure else {
            streak = 0
            return isOnTrial ? succeedOnTrial(now: now, settings: settings) : .nothing
        }
        streak += 1
        guard now >= sparedUntil else { return .nothing }
        if isOnTrial { return .suspect(.failedProbation) }
        if settings.consecutiveFailures > 0, streak >= settings.consecutiveFailures {
            return .suspect(.consecutiveFailures)
        }
        return hasHighShare(settings) ? .suspect(.errorShare) : .nothing
    }

    /// What `record` does with a success of an instance that nothing speaks against, without asking the settings.
    /// - Returns: false: nothing was done, call `record`.
    mutating func recordPlainSuccess(started: UInt64, now: UInt64) -> Bool {
        guard !isOnTrial, started >= ejectedUntil, window.recordSuccess(within: now) else { return false }
        streak = 0
        return true
    }

    private mutating func succeedOnTrial(now: UInt64, settings: HealthSettings) -> Finding {
        trialSuccesses += 1
        guard trialSuccesses >= settings.probationSuccesses else { return .nothing }
        isOnTrial = false
        restoredAt = now
        return .restored
    }

    /// The window as it stands now, also when there was no request for a while.
    func recentWindow(now: UInt64, settings: HealthSettings) -> FailureWindow {
        var recent = window
        recent.advance(to: now, bucketLength: settings.bucketLength)
        return recent
    }

    private func hasHighShare(_ settings: HealthSettings) -> Bool {
        guard settings.errorShareBasisPoints > 0, Int(window.requests) >= max(1, settings.minimumRequests) else {
            return false
        }
        return UInt64(window.failures) * 10_000 >= UInt64(window.requests) * UInt64(settings.errorShareBasisPoints)
    }

    /// Takes the instance out: `ejectFor` the first time, twice as long each time after, `maxEjectFor` at most.
    mutating func eject(_ reason: EjectionReason, now: UInt64, settings: HealthSettings) -> Ejection {
        let longest = settings.maxEjectFor.clampedNanoseconds
        if !isOnTrial, now - min(now, restoredAt) >= longest { ejections = 0 }
        let length = min(settings.ejectFor.clampedNanoseconds << UInt64(min(ejections, 16)), longest)
        let ejection = Ejection(reason: reason, until: now + length, count: ejections + 1)
        adopt(ejection)
        return ejection
    }

    /// Takes the instance out as another event loop did. Of two ejections the one that ends later holds.
    mutating func adopt(_ ejection: Ejection) {
        isOnTrial = true
        ejectedUntil = max(ejectedUntil, ejection.until)
        ejections = max(ejections, ejection.count)
        trialSuccesses = 0
        streak = 0
        window = FailureWindow()
    }

    /// Ends the probation because another event loop saw it succeed; not before the ejection is over here.
    /// - Returns: whether it was on probation.
    mutating func endProbation(now: UInt64) -> Bool {
        guard phase(now: now) == .probation else { return false }
        isOnTrial = false
        restoredAt = now
        return true
    }

    /// Suspected, but better than nothing: left alone for one bucket of the window, so that a failing release costs one
    /// look at its instances per bucket and not one per request.
    mutating func spare(now: UInt64, settings: HealthSettings) {
        streak = 0
        trialSuccesses = 0
        sparedUntil = now + settings.bucketLength
    }

    /// Goes over to probation now, since something else shows that the instance is back.
    mutating func endEjection(now: UInt64) { ejectedUntil = min(ejectedUntil, now) }
}
