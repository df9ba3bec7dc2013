import DeliveryModel

extension Stepper {
    /// Allocates instances for a cold release and asks for their start.
    mutating func start(_ digest: ReleaseDigest) {
        guard let record = state.releases[digest] else { return }
        if !record.instances.isEmpty {
            effects.append(.start(release: digest, instances: record.instances.map(\.id)))
            return
        }
        state.generation += 1
        let slots = (1...max(1, record.specification.run.instances)).map { index in
            InstanceSlot(id: "\(state.service)-\(digest.short)-\(state.generation)-\(index)")
        }
        state.releases[digest]?.instances = slots
        effects.append(.start(release: digest, instances: slots.map(\.id)))
    }

    /// Stops what a release still runs.
    mutating func cool(_ digest: ReleaseDigest) {
        state.releases[digest]?.warmUntil = nil
        guard let record = state.releases[digest], !record.instances.isEmpty else { return }
        let ids = record.instances.flatMap { [$0.id] + ($0.replaces.map { [$0] } ?? []) }
        state.releases[digest]?.instances = []
        effects.append(.stop(release: digest, instances: ids))
        reroute()
    }

    mutating func started(_ digest: ReleaseDigest, ports: [String: Int]) {
        guard var record = state.releases[digest] else { return }
        var replaced: [String] = []
        var isNews = false
        for index in record.instances.indices {
            guard let port = ports[record.instances[index].id], !record.instances[index].isReady else { continue }
            record.instances[index].port = port
            record.instances[index].isReady = true
            isNews = true
            if let old = record.instances[index].replaces { replaced.append(old) }
            record.instances[index].replaces = nil
        }
        guard isNews else { return }
        // Those that are replaced served until now.
        record.instances.removeAll { replaced.contains($0.id) }
        state.releases[digest] = record
        if !replaced.isEmpty {
            note("instances.replaced", release: digest, "replaced \(replaced.joined(separator: ", "))")
            effects.append(.stop(release: digest, instances: replaced))
        }
        reroute()
        guard record.isReady else { return }
        if let recovery = state.recovery, recovery.target == digest {
            arrive(recovery)
        } else if state.rollout?.candidate == digest {
            prepared()
        }
    }

    mutating func startFailed(_ digest: ReleaseDigest, why: String) {
        guard let record = state.releases[digest] else { return }
        if let rollout = state.rollout, rollout.candidate == digest, rollout.phase == .prepare {
            undoRollout(kind: "rollout.undone", actor: "nonevent", why: why, keepWarm: false)
            return
        }
        if let recovery = state.recovery, recovery.target == digest {
            state.recovery = nil
            note("\(recovery.verb.rawValue).failed", actor: recovery.actor, release: digest, why)
            cool(digest)
            startNext()
            return
        }
        // A release nobody waits for, with nothing that serves: one try was enough.
        let isWanted = [state.live, state.rollout?.candidate, state.drill?.from].contains(digest)
        if !isWanted, !record.canServe {
            if !record.instances.isEmpty { note("release.cold", release: digest, why) }
            cool(digest)
            return
        }
        // A replacement that cannot start: what still serves goes on serving, and it is tried again.
        let waiting = record.instances.filter { !$0.isReady }.map(\.id)
        guard !waiting.isEmpty else { return }
        note("instances.failed", release: digest, why)
        effects.append(.start(release: digest, instances: waiting))
    }

    mutating func instanceLost(_ id: String, why: String) {
        for digest in state.releases.keys.sorted() {
            guard let record = state.releases[digest], let slot = record.instances.first(where: { $0.id == id }),
                slot.isReady, !record.instances.contains(where: { $0.replaces == id })
            else { continue }
            state.generation += 1
            let index = id.split(separator: "-").last.map(String.init) ?? "1"
            let fresh = InstanceSlot(id: "\(state.service)-\(digest.short)-\(state.generation)-\(index)", replaces: id)
            state.releases[digest]?.instances.append(fresh)
            note("instances.lost", release: digest, "\(id): \(why); \(fresh.id) takes its place")
            effects.append(.start(release: digest, instances: [fresh.id]))
            return
        }
    }

    mutating func instanceMoved(_ id: String, port: Int) {
        for digest in state.releases.keys.sorted() {
            guard let index = state.releases[digest]?.instances.firstIndex(where: { $0.id == id }),
                let slot = state.releases[digest]?.instances[index], slot.isReady, slot.port != port
            else { continue }
            state.releases[digest]?.instances[index].port = port
            note("instances.moved", release: digest, "\(id) listens on port \(port) now")
            reroute()
        }
    }

    /// Warm releases past their time are stopped.
    mutating func coolDown() {
        for digest in state.releases.keys.sorted() {
            guard let until = state.releases[digest]?.warmUntil, until <= now, digest != state.live,
                digest != state.rollout?.candidate, digest != state.rollout?.baseline, digest != state.recovery?.target,
                digest != state.drill?.from
            else { continue }
            note("release.cold", release: digest, "\(name(digest)) was kept warm long enough")
            cool(digest)
        }
    }

    mutating func rebaseTimes() {
        if let rollout = state.rollout {
            state.rollout?.startedAt = min(rollout.startedAt, now)
            state.rollout?.stepStartedAt = min(rollout.stepStartedAt, now)
            state.rollout?.shiftedAt = rollout.shiftedAt.map { min($0, now) }
        }
        for digest in state.releases.keys {
            guard let record = state.releases[digest], let until = record.warmUntil else { continue }
            state.releases[digest]?.warmUntil = min(until, now + record.specification.rollout.undo.keepWarm)
        }
    }

    mutating func forget(_ releases: [ReleaseDigest]) {
        let needed = state.needed
        for digest in releases where !needed.contains(digest) && state.releases[digest] != nil {
            note("release.removed", release: digest, "\(name(digest)) removed by retention")
            state.releases[digest] = nil
            state.trail.removeAll { $0 == digest }
        }
    }
}
