import CanaryJudge
import DeliveryModel
import FoundationEssentials
import RolloutEngine

extension DeliveryRun {
    mutating func scheduleDeath() {
        let seconds = randomFaults.exponential(rate: Double(plan.services) / (plan.daysBetweenDeaths * 86_400))
        guard now + .seconds(seconds) < Self.start + .seconds(plan.days * 86_400) else { return }
        events.add(.death, at: now + .milliseconds(Int(seconds * 1000)))
    }

    /// An instance dies, moves to another port, or the router dies. Never all instances of a service at once: against
    /// that nothing helps.
    mutating func death() {
        scheduleDeath()
        if randomFaults.unit() < 0.1 {
            guard !isRouterDown else { return }
            isRouterDown = true
            report.routerCrashes += 1
            events.add(.routerBack, at: soon(0.1, 2, randomFaults.unit()))
            return
        }
        let site = anySite(randomFaults.unit())
        let state = sites[site].state
        let slots = state.releases.values.flatMap(\.instances).filter(\.isReady).map(\.id).sorted()
        let isReplacing = state.releases.values.contains { $0.instances.contains { $0.replaces != nil } }
        guard sites[site].dying.isEmpty, !isReplacing, !slots.isEmpty else { return }
        let instance = slots[Int(randomFaults.unit() * Double(slots.count))]
        if randomFaults.unit() < 0.3 {
            // Its program came back on another port.
            if !isDown { apply(.instanceMoved(id: instance, port: 45_000 + step % 10_000), to: site) }
            return
        }
        let live = state.live.flatMap { state.releases[$0]?.instances.map(\.id) } ?? []
        guard live.filter({ sites[site].running.contains($0) && $0 != instance }).count > 0 else { return }
        report.instanceDeaths += 1
        sites[site].running.remove(instance)
        sites[site].dying.insert(instance)
        events.add(.noticed(site: site, instance: instance), at: soon(1, 3, randomFaults.unit()))
    }

    mutating func noticed(_ site: Int, _ instance: String) {
        apply(.instanceLost(id: instance, why: "it is gone"), to: site)
        sites[site].dying.remove(instance)
    }

    mutating func routerBack() {
        isRouterDown = false
        // From its disk it has the last table; the control plane puts the newest.
        if !isDown { routeAgain() }
    }

    mutating func routeAgain() {
        let waiting = unrouted.sorted()
        unrouted = []
        for site in waiting { reroute(site) }
    }

    mutating func reroute(_ site: Int) {
        if isRouterDown || isDown {
            unrouted.insert(site)
            return
        }
        sites[site].routed = sites[site].state.routes
        checkTable(site)
    }

    mutating func crashByChance() {
        guard plan.stepsBetweenCrashes > 0, !isDown, violation == nil,
            randomFaults.unit() * Double(plan.stepsBetweenCrashes) < 1
        else { return }
        crash()
    }

    /// kill -9: what is written stays, everything else is gone.
    private mutating func crash() {
        report.controlPlaneCrashes += 1
        flush(states: true)
        epoch += 1
        isDown = true
        trace?("  the control plane dies")
        events.add(.restart, at: soon(1, 20, randomFaults.unit()))
    }

    /// Writes what was decided; with `states`, also what a start reads.
    mutating func flush(states: Bool) {
        do {
            var texts: [String: String] = [:]
            if states {
                for site in sites.indices where isReadBack(site) {
                    texts[sites[site].name.text] = try Self.json(sites[site].state)
                }
                texts["queue"] = try Self.json(queue)
                texts["pipelines"] = try Self.json(
                    sites.flatMap(\.pipelines.values).sorted { $0.id < $1.id })
            }
            try record.commit(lines, states: texts)
            lines.removeAll(keepingCapacity: true)
        } catch let failure as RecordFailure {
            broken(.storeWorks, nil, failure.why)
        } catch {
            broken(.storeWorks, nil, "\(error)")
        }
    }

    /// Which states go through the store at this crash: those with something under way, and of the others an eighth in
    /// turn, since a state with a hundred past rollouts takes milliseconds to write and read.
    private func isReadBack(_ site: Int) -> Bool {
        guard sites[site].isDirty else { return false }
        let state = sites[site].state
        return state.rollout != nil || state.recovery != nil || state.drill != nil || state.queue != nil
            || site % 8 == report.controlPlaneCrashes % 8
    }

    private static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    /// The next control plane: reads what was written, and has everything done again that was not done.
    mutating func restart() {
        isDown = false
        do {
            try readBack()
        } catch let failure as RecordFailure {
            broken(.storeWorks, nil, failure.why)
        } catch {
            broken(.crashChangesNothing, nil, "\(error)")
        }
        for site in sites.indices where violation == nil {
            apply(.restarted, to: site)
            sites[site].nextClock = nil
            for number in sites[site].pipelines.keys.sorted() { advance(site, number, .restarted) }
            feedAgain(site)
            if let rollout = sites[site].state.rollout, rollout.isPaused {
                events.add(.decide(site: site, rollout: rollout.id), at: soon(300, 1200, randomPeople.unit()))
            }
            // Its timer was of the control plane that is gone.
            if sites[site].state.releases.values.contains(where: { $0.warmUntil != nil }) {
                sites[site].nextClock = now
                events.add(.clock(site: site), at: now)
            }
        }
        for id in outbox.keys.sorted() { carryOut(id) }
        routeAgain()
        let kept = queue.running.filter { name, under in
            index[name].map { sites[$0].isUnderWay(under.release) } ?? false
        }
        queue.align(with: kept)
        askQueue()
    }

    private mutating func readBack() throws {
        let texts = try record.states()
        func read<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value {
            guard let text = texts[key] else { throw RecordFailure("'\(key)' is not there") }
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        }
        for site in sites.indices where isReadBack(site) {
            let state = try read(ServiceState.self, sites[site].name.text)
            guard state == sites[site].state else {
                return broken(.crashChangesNothing, site, "the stored state is another one")
            }
            sites[site].state = state
            sites[site].isDirty = false
        }
        let stored = try read(DeployQueue.self, "queue")
        guard stored == queue else { return broken(.crashChangesNothing, nil, "the stored queue is another one") }
        queue = stored
        let runs = try read([PipelineRun].self, "pipelines")
        guard runs == sites.flatMap(\.pipelines.values).sorted(by: { $0.id < $1.id }) else {
            return broken(.crashChangesNothing, nil, "the stored pipelines are others")
        }
    }

    /// A new judge is fed what the old one saw.
    private mutating func feedAgain(_ site: Int) {
        guard let judging = sites[site].judging else { return }
        var judge = SequentialJudge(configuration: judging.judge.configuration)
        for tick in judging.ticks { _ = judge.judge(tick) }
        if judge != judging.judge {
            broken(.crashChangesNothing, site, "the judge of \(judging.rollout) is another one")
        }
        sites[site].judging?.judge = judge
        scheduleTick(site, judging.rollout)
    }
}
