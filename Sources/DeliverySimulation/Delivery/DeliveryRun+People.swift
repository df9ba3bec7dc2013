import DeliveryModel
import RolloutEngine

extension DeliveryRun {
    mutating func scheduleAct() {
        let seconds = randomPeople.exponential(rate: Double(plan.services) / (plan.daysBetweenActs * 86_400))
        guard now + .seconds(seconds) < Self.start + .seconds(plan.days * 86_400) else { return }
        events.add(.act, at: now + .milliseconds(Int(seconds * 1000)))
    }

    /// Somebody does something with a service.
    mutating func act() {
        scheduleAct()
        report.acts += 1
        let site = anySite(randomPeople.unit())
        switch Int(randomPeople.unit() * 10) {
        case 0: apply(.undo(to: nil, actor: "ann"), to: site)
        case 1: apply(.redo(to: nil, actor: "ann"), to: site)
        case 2:
            if apply(.drillBegan(actor: "ann"), to: site) {
                events.add(.endDrill(site: site), at: soon(30, 90, randomPeople.unit()))
            }
        case 3:
            let hold = DeployHold(by: "ann", why: "a migration", since: now)
            queue.hold(sites[site].name, hold)
            events.add(.releaseHold(site: site), at: soon(600, 7200, randomPeople.unit()))
        case 4:
            queue.holdAll(DeployHold(by: "bob", why: "an incident", since: now))
            events.add(.releaseHold(site: nil), at: soon(120, 900, randomPeople.unit()))
        case 5: if apply(.pause(actor: "ann"), to: site) { resumeLater(site) }
        case 6: if sites[site].state.rollout != nil { apply(.promote(actor: "ann"), to: site) }
        case 7: if sites[site].state.rollout != nil { apply(.abort(actor: "ann"), to: site) }
        case 8:
            if let waiting = queue.waiting.keys.min() {
                _ = queue.move(waiting, to: 1 + Int(randomPeople.unit() * 5))
                askQueue()
            }
        default: apply(.resume(actor: "ann"), to: site)
        }
    }

    private mutating func resumeLater(_ site: Int) {
        guard let rollout = sites[site].state.rollout else { return }
        events.add(.decide(site: site, rollout: rollout.id), at: soon(300, 1200, randomPeople.unit()))
    }

    /// Somebody looks at a paused rollout.
    mutating func decide(_ site: Int, _ rollout: String) {
        guard let under = sites[site].state.rollout, under.id == rollout, under.isPaused else { return }
        if under.verdict?.verdict != .inconclusive, apply(.resume(actor: "ann"), to: site) { return }
        let isVouchedFor = randomPeople.unit() < 0.7
        apply(isVouchedFor ? .promote(actor: "ann") : .abort(actor: "ann"), to: site)
    }

    mutating func releaseHold(_ site: Int?) {
        if let site { queue.release(sites[site].name) } else { queue.releaseAll() }
        askQueue()
    }

    /// Time passes: freeze windows end by themselves.
    mutating func wake() {
        if !isOver { events.add(.wake, at: now + .seconds(60)) }
        askQueue()
    }
}
