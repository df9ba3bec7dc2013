import DeliveryModel
import RolloutEngine

/// A service under test: takes events one after another, answers effects as well-behaved drivers would.
struct Bench {
    var state: ServiceState
    var now = Timestamp(microseconds: 1_800_000_000_000_000)
    /// What the last event led to.
    var effects: [RolloutEffect] = []
    var notes: [JournalNote] = []
    private var nextPort = 20_000

    init() { state = ServiceState(service: Bench.name("shop")) }

    static func name(_ text: String) -> ServiceName {
        guard let name = ServiceName(text) else { preconditionFailure("\(text) is no service name") }
        return name
    }

    static func digest(_ number: Int) -> ReleaseDigest {
        let hex = String(number, radix: 16)
        let head = String(repeating: "0", count: 12 - hex.count) + hex
        guard let digest = ReleaseDigest(head + String(repeating: "f", count: 52)) else {
            preconditionFailure("\(number) makes no digest")
        }
        return digest
    }

    static func record(_ number: Int, _ policy: Policy = .init(), commit: String? = nil) -> ReleaseRecord {
        ReleaseRecord(
            digest: digest(number), commit: commit ?? "commit\(number)", createdAt: Timestamp(microseconds: 1_000),
            acceptedAt: Timestamp(microseconds: 2_000), specification: policy.specification)
    }

    /// The parts of a service file that the engine reads.
    struct Policy {
        var instances = 2
        var steps: RolloutSteps = .fixed([Share(clamping: 500), Share(clamping: 5000), .all])
        var hold: Duration = .seconds(10)
        var soak: Duration = .seconds(20)
        var keepWarm: Duration = .seconds(3600)
        var onInconclusive: InconclusivePolicy = .hold

        var specification: ServiceSpecification {
            ServiceSpecification(
                service: Bench.name("shop"), run: RunSpecification(command: ["./shop"], instances: instances),
                route: RouteSpecification(hosts: ["shop.localhost"]),
                rollout: RolloutSpecification(steps: steps, hold: hold, soak: soak, undo: .init(keepWarm: keepWarm)),
                judge: JudgeSpecification(onInconclusive: onInconclusive))
        }
    }

    @discardableResult
    mutating func send(_ event: RolloutEvent, after wait: Duration = .milliseconds(1)) throws(RolloutError)
        -> Transition
    {
        now = now + wait
        let transition = try RolloutStateMachine.step(state, event, at: now)
        (state, effects, notes) = (transition.state, transition.effects, transition.notes)
        return transition
    }

    mutating func deploy(_ number: Int, _ policy: Policy = .init()) throws(RolloutError) {
        try send(.deploy(Bench.record(number, policy), actor: "ann"))
    }

    /// The instances that a release is starting all get ready.
    mutating func ready(_ number: Int) throws(RolloutError) {
        let digest = Bench.digest(number)
        var ports: [String: Int] = [:]
        for slot in state.releases[digest]?.instances ?? [] where !slot.isReady {
            nextPort += 1
            ports[slot.id] = nextPort
        }
        try send(.started(release: digest, ports: ports))
    }

    mutating func verified() throws(RolloutError) {
        try send(.verified(rollout: state.rollout?.id ?? "none", firstShare: Share(clamping: 100)))
    }

    mutating func judged(
        _ kind: VerdictKind, rule: String = "", share: Share = .none, after wait: Duration = .seconds(10)
    ) throws(RolloutError) {
        let verdict = Verdict(
            t: 1, verdict: kind, rule: rule, evidence: [:], phi: 1, share: share,
            candidate: .init(requests: 10, bad: 1),
            baseline: .init(requests: 90), why: "because \(kind.rawValue)")
        try send(.judged(rollout: state.rollout?.id ?? "none", verdict), after: wait)
    }

    /// Deploy, ready, verified, all steps, soak: it serves everybody.
    mutating func complete(_ number: Int, _ policy: Policy = .init()) throws(RolloutError) {
        try deploy(number, policy)
        try finish(number)
    }

    mutating func finish(_ number: Int) throws(RolloutError) {
        if state.rollout?.phase == .prepare { try ready(number) }
        try verified()
        for _ in 0..<8 where state.rollout?.candidate == Bench.digest(number) {
            try judged(.promote, share: .all, after: .seconds(30))
        }
    }

    func shares() -> [Int: Int] {
        var result: [Int: Int] = [:]
        for release in state.routes?.releases ?? [] where release.shareBasisPoints > .none {
            for number in 1...40 where Bench.digest(number) == release.digest {
                result[number] = release.shareBasisPoints.basisPoints
            }
        }
        return result
    }

    func standing(_ number: Int) -> ReleaseRecord.Standing? { state.releases[Bench.digest(number)]?.standing }
    func instances(_ number: Int) -> [InstanceSlot] { state.releases[Bench.digest(number)]?.instances ?? [] }
    var kinds: [String] { notes.map(\.kind) }
    func stops(_ number: Int) -> Bool {
        effects.contains { if case .stop(Bench.digest(number), _) = $0 { true } else { false } }
    }
    func starts(_ number: Int) -> Bool {
        effects.contains { if case .start(Bench.digest(number), _) = $0 { true } else { false } }
    }

    /// The refusal of an event that does not fit.
    func refusal(_ event: RolloutEvent) -> RolloutError.Code? {
        do {
            _ = try RolloutStateMachine.step(state, event, at: now)
            return nil
        } catch {
            return error.code
        }
    }
}
