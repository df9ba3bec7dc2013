import DeliveryModel
import NIOCore

/// The active checks that one event loop makes: of each instance one loop is in charge, and tells the others.
final class HealthChecks {
    private let worker: Worker
    private let publish: (LiveInstance.Key, Bool) -> Void
    private var checks: [ServiceName: [LiveInstance.Key: HealthCheck]] = [:]
    private var isStopped = false

    /// - Parameter publish: tells every worker that an instance's health changed.
    init(worker: Worker, publish: @escaping (LiveInstance.Key, Bool) -> Void) {
        self.worker = worker
        self.publish = publish
    }

    /// No check begins or counts after this.
    func stop() {
        isStopped = true
        for check in checks.values.flatMap(\.values) { check.timer?.cancel() }
        checks = [:]
    }

    /// Begins the checks of instances that are new, ends those of instances that left, and goes on with the rest as
    /// the table says now. What was known of an instance stays: a changed path alone makes nobody well.
    /// - Parameter changed: services that are new, left, or are not as they were in the table before; `nil`: all.
    func update(table: RouteTable, changed: Set<ServiceName>? = nil) {
        guard !isStopped else { return }
        let now = NIODeadline.now().uptimeNanoseconds
        var left = changed ?? Set(checks.keys)
        for service in table.services where changed?.contains(service.name) ?? true {
            left.remove(service.name)
            update(service, now: now)
        }
        for name in left { replace(name, with: [:]) }
    }

    private func update(_ service: RoutedService, now: UInt64) {
        var next: [LiveInstance.Key: HealthCheck] = [:]
        let settings = HealthSettings(service.health, limits: worker.limits)
        for release in service.releases {
            guard let path = service.healthPath(of: release) else { continue }
            for instance in release.instances {
                let key = LiveInstance.Key(
                    service: service.name, release: release.digest, id: instance.id, host: instance.host,
                    port: instance.port)
                guard isMine(key) else { continue }
                let dialogue = Self.dialogue(key, path: path, instanceProtocol: release.instanceProtocol)
                next[key] = check(key, dialogue: dialogue, settings: settings, now: now)
            }
        }
        replace(service.name, with: next)
        for check in next.values where check.timer == nil && !check.schedule.isUnderWay { schedule(check, now: now) }
    }

    private func replace(_ service: ServiceName, with next: [LiveInstance.Key: HealthCheck]) {
        for (key, check) in checks[service] ?? [:] where next[key] == nil { check.timer?.cancel() }
        checks[service] = next.isEmpty ? nil : next
    }

    private func known(_ key: LiveInstance.Key) -> HealthCheck? { checks[key.service]?[key] }

    private func check(
        _ key: LiveInstance.Key, dialogue: HealthDialogue, settings: HealthSettings, now: UInt64
    ) -> HealthCheck {
        guard let known = known(key) else {
            return HealthCheck(key: key, dialogue: dialogue, settings: settings, seed: Self.seed(key), now: now)
        }
        if known.settings.interval != settings.interval {
            known.timer?.cancel()
            known.timer = nil
            known.schedule.intervalChanged(now: now, settings: settings)
        }
        known.dialogue = dialogue
        known.settings = settings
        return known
    }

    private static func dialogue(
        _ key: LiveInstance.Key, path: String, instanceProtocol: InstanceProtocol
    ) -> HealthDialogue {
        switch instanceProtocol {
        case .http1: .http1(path: path, host: key.host, port: key.port)
        case .h2c: .http2()
        }
    }

    private static func seed(_ key: LiveInstance.Key) -> UInt64 {
        CheckSchedule.seed(host: key.host, port: key.port, id: key.id)
    }

    private func isMine(_ key: LiveInstance.Key) -> Bool {
        Int(Self.seed(key) % UInt64(worker.workerCount)) == worker.index
    }

    // MARK: One check after the other

    private func schedule(_ check: HealthCheck, now: UInt64) {
        let delay = TimeAmount.nanoseconds(Int64(check.schedule.due - min(now, check.schedule.due)))
        check.timer = worker.eventLoop.assumeIsolated().scheduleTask(in: delay) { self.begin(check) }
    }

    private func begin(_ check: HealthCheck) {
        check.timer = nil
        guard isCurrent(check) else { return }
        let deadline = check.schedule.begin(now: NIODeadline.now().uptimeNanoseconds, settings: check.settings)
        HealthProbe.run(
            check.dialogue, host: check.key.host, port: check.key.port, on: worker.eventLoop,
            deadline: .uptimeNanoseconds(deadline)
        ) { self.end(check, success: $0) }
    }

    private func end(_ check: HealthCheck, success: Bool) {
        let now = NIODeadline.now().uptimeNanoseconds
        check.schedule.end(now: now)
        guard isCurrent(check) else { return }
        let transition = check.state.record(success: success, now: now, settings: check.settings)
        worker.count(check: check.key, success: success, change: transition)
        // The first time in any case: an instance that comes back into the table may still bear what was known of it.
        if transition != nil || check.isNew { publish(check.key, check.state.isHealthy) }
        check.isNew = false
        schedule(check, now: now)
    }

    /// A check that a table ended may still be under way; what it brings is dropped.
    private func isCurrent(_ check: HealthCheck) -> Bool { !isStopped && known(check.key) === check }
}

/// The checks of one instance.
private final class HealthCheck {
    let key: LiveInstance.Key
    var dialogue: HealthDialogue
    var settings: HealthSettings
    var state = ActiveHealthState()
    var schedule: CheckSchedule
    /// No check has ended yet.
    var isNew = true
    /// `nil` while a check is under way.
    var timer: Scheduled<Void>?

    init(key: LiveInstance.Key, dialogue: HealthDialogue, settings: HealthSettings, seed: UInt64, now: UInt64) {
        self.key = key
        self.dialogue = dialogue
        self.settings = settings
        schedule = CheckSchedule(seed: seed, now: now, settings: settings)
    }
}
