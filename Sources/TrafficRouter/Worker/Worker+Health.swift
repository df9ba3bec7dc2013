import DeliveryModel
import NIOCore

/// What one event loop found out about an instance, for the others.
enum HealthNews: Sendable {
    /// By the loop that makes the instance's checks.
    case checked(LiveInstance.Key, isWell: Bool)
    /// By its traffic.
    case ejected(LiveInstance.Key, Ejection)
    /// Its traffic is good again after an ejection.
    case restored(LiveInstance.Key)
}

extension Worker {
    /// Takes what another event loop found out. An instance that this loop does not know has left the table.
    func take(_ news: HealthNews) {
        let now = NIODeadline.now().uptimeNanoseconds
        switch news {
        case .checked(let key, let isWell):
            guard let (instance, release) = find(key) else { return }
            instance.setHealthy(isWell, among: release.instances, now: now, settings: release.settings)
        case .ejected(let key, let ejection):
            guard let (instance, release) = find(key) else { return }
            _ = instance.adopt(ejection, among: release.instances, now: now, settings: release.settings)
        case .restored(let key):
            guard let (instance, release) = find(key) else { return }
            instance.adoptRestoration(among: release.instances, now: now, settings: release.settings)
        }
    }

    private func find(_ key: LiveInstance.Key) -> (LiveInstance, LiveRelease)? {
        guard let instance = instances[key], let release = release(key.service, key.release) else { return nil }
        return (instance, release)
    }

    /// Counts an active check of an instance that this loop is in charge of.
    func count(check key: LiveInstance.Key, success: Bool, change: HealthTransition?) {
        guard let release = release(key.service, key.release) else { return }
        release.counters.health.checks[success ? "passed" : "failed", default: 0] += 1
        switch change {
        case nil: break
        case .becameUnhealthy: release.counters.health.ejected["checks", default: 0] += 1
        case .becameHealthy: release.counters.health.returned += 1
        }
    }
}

extension LiveRelease {
    /// Takes how an attempt on `instance` ended, and leaves the instance out if that is due. Tells `worker`'s fellows.
    ///
    /// - Parameter started: when the attempt began.
    func record(
        _ outcome: InstanceOutcome, of instance: LiveInstance, started: NIODeadline, now: NIODeadline, worker: Worker
    ) {
        // The only one is never left out, so there is nothing to find out about it.
        guard instances.count > 1 else { return }
        let (started, now) = (started.uptimeNanoseconds, now.uptimeNanoseconds)
        if outcome == .success, instance.health.recordPlainSuccess(started: started, now: now) { return }
        switch instance.record(outcome, among: instances, started: started, now: now, settings: settings) {
        case nil, .spared:
            break
        case .ejected(let ejection):
            counters.health.ejected[ejection.reason.label, default: 0] += 1
            worker.tellOthers?(.ejected(instance.key, ejection))
        case .restored:
            counters.health.returned += 1
            worker.tellOthers?(.restored(instance.key))
        }
    }

    /// The gauges as they stand on this loop.
    func healthCounters(now: NIODeadline) -> HealthCounters {
        let now = now.uptimeNanoseconds
        var health = counters.health
        let census = HealthCensus(instances, now: now, settings: settings)
        health.instances = UInt64(census.instances)
        health.instancesOut = UInt64(census.out)
        health.instancesInSlowStart = UInt64(census.inSlowStart)
        health.isInPanic = census.isPanicking ? 1 : 0
        for instance in instances where instance.takesRequests {
            health.conditions[instance.key.id] = instance.health.condition(now: now)
        }
        return health
    }
}
