import DeliveryModel
import Foundation
import RolloutEngine
import Testing

/// Sebastiano Vigna's SplitMix64: the same seed gives the same walk on every machine.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Random commands, results and faults; what must hold after each of them.
@Suite struct RandomWalkTests {
    private static let walks = 100
    private static let events = 120

    @Test func everyPromiseHoldsAtEveryStep() throws {
        for seed in 1...UInt64(Self.walks) {
            var walk = Walk(seed: seed)
            for step in 1...Self.events {
                let broken = try walk.advance()
                try #require(
                    broken == nil, "seed \(seed), event \(step) \(String(describing: walk.lastEvent)): \(broken ?? "")")
            }
            #expect(walk.accepted > Self.events / 8, "seed \(seed): hardly any event fitted")
        }
    }

    @Test func theSameSeedGivesTheSameWalk() throws {
        var (left, right) = (Walk(seed: 7), Walk(seed: 7))
        for _ in 1...Self.events {
            _ = try left.advance()
            _ = try right.advance()
        }
        #expect(left.state == right.state)
    }
}

private struct Walk {
    var state = ServiceState(service: Bench.name("shop"))
    var accepted = 0
    var lastEvent: RolloutEvent?
    private var random: SplitMix64
    private var now = Timestamp(microseconds: 1_800_000_000_000_000)
    private var pending: [RolloutEffect] = []
    private var running: Set<String> = []
    private var nextRelease = 1
    private var nextPort = 10_000

    init(seed: UInt64) { random = SplitMix64(state: seed) }

    /// One event.
    /// - Returns: the broken promise, or `nil`.
    mutating func advance() throws -> String? {
        now = now + .milliseconds(Int.random(in: 1...15_000, using: &random))
        let event = nextEvent()
        lastEvent = event
        let before = state
        let transition: Transition
        do {
            transition = try RolloutStateMachine.step(state, event, at: now)
        } catch {
            return state == before ? nil : "a refused event changed the state"
        }
        accepted += 1
        state = transition.state
        if let broken = perform(transition.effects) { return broken }
        return try Invariants(before: before, after: state, event: event, running: running).broken()
    }

    private mutating func perform(_ effects: [RolloutEffect]) -> String? {
        for effect in effects {
            switch effect {
            case .start(_, let instances):
                running.formUnion(instances)
                pending.append(effect)
            case .stop(_, let instances): running.subtract(instances)
            case .verify: pending.append(effect)
            case .route:
                if effects.first != .route { return "traffic waits for another effect" }
            case .retain: break
            }
        }
        return nil
    }

    private mutating func nextEvent() -> RolloutEvent {
        if !pending.isEmpty, Int.random(in: 0..<2, using: &random) == 0 {
            return answer(pending.remove(at: Int.random(in: 0..<pending.count, using: &random)))
        }
        switch Int.random(in: 0..<26, using: &random) {
        case 0...3: return deploy()
        case 4...11: return verdict()
        case 12: return .pause(actor: "ann")
        case 13: return .resume(actor: "ann")
        case 14: return .promote(actor: "ann")
        case 15: return .abort(actor: "ann")
        case 16, 17: return .undo(to: nil, actor: "ann")
        case 18: return .undo(to: state.releases.keys.sorted().randomElement(using: &random), actor: "ann")
        case 19: return .redo(actor: "ann")
        case 20: return .drillBegan(actor: "ann")
        case 21: return .drillEnded(actor: "ann")
        case 22: return .instanceLost(id: anyInstance(), why: "killed")
        case 23:
            nextPort += 1
            return .instanceMoved(id: anyInstance(), port: nextPort)
        case 24: return Bool.random(using: &random) ? .clock : .forgotten(state.releases.keys.sorted())
        default:
            // A crash: everything that was under way is asked for again.
            now = now + .seconds(-Int.random(in: 0...3600, using: &random))
            return .restarted
        }
    }

    private mutating func answer(_ effect: RolloutEffect) -> RolloutEvent {
        let fails = Int.random(in: 0..<5, using: &random) == 0
        switch effect {
        case .start(let release, let instances):
            if fails { return .startFailed(release: release, why: "it would not start") }
            nextPort += 1
            return .started(release: release, ports: Dictionary(uniqueKeysWithValues: instances.map { ($0, nextPort) }))
        case .verify(let rollout, _):
            return fails
                ? .verifyFailed(rollout: rollout, why: "500")
                : .verified(rollout: rollout, firstShare: Share(clamping: 100))
        case .stop, .route, .retain: return .clock
        }
    }

    private mutating func deploy() -> RolloutEvent {
        let isOld = Int.random(in: 0..<4, using: &random) == 0
        let number = isOld ? Int.random(in: 1...nextRelease, using: &random) : nextRelease
        nextRelease = max(nextRelease, number + 1)
        // Policies follow from the number: a release never changes.
        let policy = Bench.Policy(
            instances: 1 + number % 3, steps: number % 2 == 0 ? .auto : Bench.Policy().steps,
            keepWarm: .seconds(number % 5 * 40), onInconclusive: InconclusivePolicy.allCases[number % 3])
        return .deploy(Bench.record(number, policy), actor: "ann")
    }

    private mutating func verdict() -> RolloutEvent {
        let kinds: [VerdictKind] = [.promote, .promote, .promote, .hold, .hold, .undo, .inconclusive]
        let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
        let share = Share(clamping: Int.random(in: 0...10_000, using: &random))
        let verdict = Verdict(
            t: 1, verdict: kind, rule: kind == .undo ? "errors-undo" : "", evidence: [:], phi: 1, share: share,
            candidate: .init(), baseline: .init(), why: "so it is")
        return .judged(rollout: state.rollout?.id ?? "shop-0", verdict)
    }

    private mutating func anyInstance() -> String {
        let all = state.releases.values.flatMap { $0.instances.map(\.id) }.sorted()
        return all.randomElement(using: &random) ?? "nobody"
    }
}

/// What must hold after every event.
private struct Invariants {
    let before: ServiceState
    let after: ServiceState
    let event: RolloutEvent
    let running: Set<String>

    func broken() throws -> String? {
        try roundTrip() ?? traffic() ?? standings() ?? instances() ?? progress()
    }

    private func roundTrip() throws -> String? {
        let data = try JSONEncoder().encode(after)
        return try JSONDecoder().decode(ServiceState.self, from: data) == after ? nil : "JSON changed the state"
    }

    private func traffic() -> String? {
        guard let routes = after.routes else { return after.live == nil ? nil : "a live release without routes" }
        let sum = routes.releases.map(\.shareBasisPoints.basisPoints).reduce(0, +)
        guard sum == (after.live == nil ? 0 : 10_000) else { return "shares add up to \(sum)" }
        for release in routes.releases {
            if release.shareBasisPoints > .none, after.releases[release.digest]?.standing == .undone {
                return "\(release.digest.short) is undone and has \(release.shareBasisPoints)"
            }
            if let stopped = release.instances.first(where: { !running.contains($0.id) }) {
                return "\(stopped.id) is routed and stopped"
            }
        }
        return nil
    }

    private func standings() -> String? {
        for record in after.releases.values {
            let isUnderWay = after.rollout?.candidate == record.digest || after.queue?.digest == record.digest
            if record.standing == .accepted, !isUnderWay { return "\(record.digest.short) was accepted and forgotten" }
            if record.standing == .undone, after.rollout?.candidate == record.digest {
                return "\(record.digest.short) is undone and a candidate"
            }
            if before.releases[record.digest]?.standing == .undone, record.standing != .undone {
                switch event {
                case .redo, .drillEnded, .restarted, .started: break
                default: return "\(record.digest.short) came back by \(event)"
                }
            }
        }
        if let live = after.live, after.releases[live]?.standing != .good { return "the live release is not good" }
        for digest in after.trail where after.releases[digest]?.standing != .good { return "\(digest.short) in trail" }
        return after.trail.contains { $0 == after.live } ? "the live release is in the trail" : nil
    }

    private func instances() -> String? {
        if let live = after.live, after.releases[live]?.instances.isEmpty != false { return "live without instances" }
        let needed = [after.live, after.rollout?.candidate, after.recovery?.target, after.drill?.from]
        for record in after.releases.values {
            let known = Set(record.instances.map(\.id))
            if known.count != record.instances.count { return "an instance twice in \(record.digest.short)" }
            if !record.instances.isEmpty, !needed.contains(record.digest), record.warmUntil == nil {
                return "\(record.digest.short) runs for ever without need"
            }
        }
        let known = Set(after.releases.values.flatMap { $0.instances.map(\.id) })
        let leaked = running.subtracting(known)
        return leaked.isEmpty ? nil : "forgotten instances run: \(leaked.sorted())"
    }

    private func progress() -> String? {
        if after.generation < before.generation { return "generation fell" }
        if before.routes != after.routes, after.generation == before.generation { return "routes without generation" }
        if let rollout = after.rollout {
            if rollout.baseline != after.live { return "the baseline is not the live release" }
            if after.recovery != nil || after.drill != nil { return "a rollout beside a recovery or drill" }
            if rollout.outcome != nil { return "an ended rollout is under way" }
            if before.rollout?.id == rollout.id, rollout.share < before.rollout?.share ?? .none { return "share fell" }
            if rollout.share > .none, rollout.phase != .shift, rollout.phase != .soak { return "traffic too early" }
        } else if after.queue != nil, after.recovery == nil, after.drill == nil {
            return "a queued release nobody starts"
        }
        if let ended = before.rollout, after.rollout?.id != ended.id {
            let records = after.past.filter { $0.id == ended.id }
            if records.count != 1 || records[0].outcome == nil { return "rollout \(ended.id) did not end exactly once" }
        }
        return nil
    }
}
