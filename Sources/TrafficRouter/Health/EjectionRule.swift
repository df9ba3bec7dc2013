/// When an instance that is suspected may be ejected: when the release is better off without it.
///
/// Three conditions, each looked at only when there is a suspicion:
/// 1. Another instance is eligible and not on trial, so that the last one is never ejected.
/// 2. The eligible share stays at or above the panic threshold. One ejection more would bring the ejected ones back.
/// 3. The others fail clearly less: at most half as often, where a run of failures weighs as much as the share that
///    would be enough by itself. Where all fail alike, the release is bad and not the instance, and the load of the
///    ejected would only be moved to others that fail as well. Needs enough requests to the others; without them the
///    instance's own failures decide. What another loop reports has been through this.
enum EjectionRule {
    static func allows<Instance: ChoosableInstance>(
        _ suspect: Instance, among instances: [Instance], isReported: Bool, now: UInt64, settings: HealthSettings
    ) -> Bool {
        var (present, eligible, proven) = (1, 0, 0)
        var (requests, failures) = (UInt64(0), UInt64(0))
        for other in instances where other !== suspect {
            let standing = other.standing(now: now)
            guard standing != .gone else { continue }
            present += 1
            guard standing.isEligible else { continue }
            eligible += 1
            guard !other.health.passive.isOnTrial else { continue }
            proven += 1
            let window = other.health.passive.recentWindow(now: now, settings: settings)
            requests += UInt64(window.requests)
            failures += UInt64(window.failures)
        }
        guard proven > 0, !PanicThreshold.isCrossed(eligible: eligible, of: present, settings: settings) else {
            return false
        }
        guard !isReported, requests >= minimum(settings) else { return true }
        let own = suspect.health.passive.recentWindow(now: now, settings: settings)
        return 2 * basisPoints(failures, of: requests) <= max(share(own, settings), enough(settings))
    }

    private static func minimum(_ settings: HealthSettings) -> UInt64 { UInt64(max(1, settings.minimumRequests)) }

    private static func enough(_ settings: HealthSettings) -> UInt64 {
        settings.errorShareBasisPoints > 0 ? UInt64(settings.errorShareBasisPoints) : 5_000
    }

    /// 0 for a window with too few requests: one failure of one is no share of 100 %.
    private static func share(_ window: FailureWindow, _ settings: HealthSettings) -> UInt64 {
        let requests = UInt64(window.requests)
        return requests < minimum(settings) ? 0 : basisPoints(UInt64(window.failures), of: requests)
    }

    private static func basisPoints(_ part: UInt64, of whole: UInt64) -> UInt64 {
        part * 10_000 / whole
    }
}

/// When so few instances are left that the load would bring them down too, it is spread over all.
enum PanicThreshold {
    static func isCrossed(eligible: Int, of present: Int, settings: HealthSettings) -> Bool {
        eligible == 0 || eligible * 10_000 < settings.panicBasisPoints * present
    }
}
