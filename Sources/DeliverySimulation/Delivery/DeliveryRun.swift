import CanaryJudge
import DeliveryModel
import RolloutEngine

/// Days of an organisation that deploys every green commit, in minutes: the real rollout engine, pipelines, deploy
/// queue and judge under a simulated clock, in a world of people, traffic and faults. The same plan gives the same
/// run, step by step.
public struct DeliveryRun {
    let plan: SimulationPlan
    var record: any DeliveryRecord
    public internal(set) var report: DeliveryReport
    /// The first broken promise; nothing happens after it.
    public internal(set) var violation: SimulationViolation?
    /// Told one line for each step when somebody listens.
    var trace: ((String) -> Void)?

    var now: Timestamp
    var step: Int { report.steps }
    var sites: [SimulatedSite]
    var index: [ServiceName: Int] = [:]
    var events = EventHeap<Happening>()
    var queue = DeployQueue()
    var conditions: DeployConditions
    var commits: [SimulatedCommit] = []
    /// Effects that are yet to be done, by id: they survive a crash.
    var outbox: [String: PendingEffect] = [:]
    var lines: [RecordedLine] = []
    /// Journal lines that decide where traffic is.
    var decisiveLines = 0
    var delays: [Double] = []
    /// Rises with each start of the control plane; what drivers of an older one say is not heard.
    var epoch = 0
    var isDown = false
    var isRouterDown = false
    var unrouted: Set<Int> = []
    var isOver = false
    var isSabotaged = false
    var randomPushes: SplitMix64
    var randomWork: SplitMix64
    var randomPeople: SplitMix64
    var randomFaults: SplitMix64
    private let weights: [Double]

    /// Monday.
    static let start = Timestamp(microseconds: 1_795_996_800_000_000)
    /// What is under way at the end gets that long to come to its end.
    static let drainDays = 4

    public init(_ plan: SimulationPlan, record: any DeliveryRecord = MemoryRecord(), trace: ((String) -> Void)? = nil) {
        self.plan = plan
        self.record = record
        self.trace = trace
        report = DeliveryReport(plan)
        now = Self.start
        sites = (0..<plan.services).map { SimulatedSite(plan, index: $0, at: Self.start) }
        conditions = DeployConditions(limits: plan.limits, zones: ["Europe/Berlin": ZoneRules(fixed: 3600)])
        func random(_ stream: SimulationStream) -> SplitMix64 {
            SplitMix64(seed: plan.seed, index: 0, stream: stream.rawValue)
        }
        (randomPushes, randomWork) = (random(.pushes), random(.work))
        (randomPeople, randomFaults) = (random(.people), random(.faults))
        // Some services change much more often than others.
        var sum = 0.0
        weights = (0..<plan.services).map { place in
            sum += 1 / Double(place + 10)
            return sum
        }
        for (place, site) in sites.enumerated() { index[site.name] = place }
        for place in sites.indices { events.add(.push(site: place, isFix: false), at: now + .seconds(place % 600)) }
        for day in 0..<plan.days { events.add(.day, at: now + .seconds(day * 86_400)) }
        events.add(.wake, at: now + .seconds(60))
        events.add(.sweep, at: now + .seconds(600))
        scheduleAct()
        scheduleDeath()
    }

    /// Runs to the end, to the first broken promise, or to a step.
    /// - Parameter until: the last step; `nil`: all.
    public mutating func run(until last: Int? = nil) -> DeliveryReport {
        while violation == nil, !isOver, last.map({ step < $0 }) ?? true, let (time, event) = events.next() {
            now = max(now, time)
            report.steps += 1
            trace?("step \(step) \(now) \(event)")
            take(event)
            sabotageIfPlanned()
            crashByChance()
        }
        if violation == nil, isOver { finish() }
        summarise()
        return report
    }

    private mutating func take(_ event: Happening) {
        // Nobody listens while the control plane is down: what comes from outside comes again.
        if isDown, event.needsControlPlane {
            if !event.isOfOneEpoch { events.add(event, at: now + .milliseconds(1000 + Int(randomFaults.unit() * 500))) }
            return
        }
        switch event {
        case .day: pushOfDay()
        case .push(let site, let isFix): push(site, isFix: isFix)
        case .stageEnds(let site, let run, let attempt, let born): if born == epoch { stageEnds(site, run, attempt) }
        case .packed(let site, let run, let born): if born == epoch { packed(site, run) }
        case .done(let id, let born): if born == epoch { done(id) }
        case .tick(let site, let rollout, let born): if born == epoch { tick(site, rollout) }
        case .clock(let site): clock(site)
        case .wake: wake()
        case .sweep: sweep()
        case .act: act()
        case .decide(let site, let rollout): decide(site, rollout)
        case .releaseHold(let site): releaseHold(site)
        case .endDrill(let site): apply(.drillEnded(actor: "ann"), to: site)
        case .budgetBack(let site): conditions.budgetSpent.remove(sites[site].name)
        case .death: death()
        case .noticed(let site, let instance): noticed(site, instance)
        case .routerBack: routerBack()
        case .restart: restart()
        }
    }

    /// A service by how often it changes.
    func anySite(_ unit: Double) -> Int {
        let wanted = unit * (weights.last ?? 1)
        var (low, high) = (0, weights.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if weights[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func broken(_ promise: Promise, _ site: Int?, _ detail: String) {
        guard violation == nil else { return }
        violation = SimulationViolation(
            promise: promise, seed: plan.seed, step: step, time: now, service: site.map { sites[$0].name.text } ?? "-",
            detail: detail)
    }

    /// Whole milliseconds, as times are stored.
    func soon(_ least: Double, _ most: Double, _ unit: Double) -> Timestamp {
        now + .milliseconds(Int((least + (most - least) * unit) * 1000))
    }
}

/// What happens next in the simulated world.
enum Happening {
    case day
    case push(site: Int, isFix: Bool)
    case stageEnds(site: Int, run: Int, attempt: String, born: Int)
    case packed(site: Int, run: Int, born: Int)
    case done(id: String, born: Int)
    case tick(site: Int, rollout: String, born: Int)
    case clock(site: Int)
    case wake, sweep
    case act
    case decide(site: Int, rollout: String)
    case releaseHold(site: Int?)
    case endDrill(site: Int)
    case budgetBack(site: Int)
    case death
    case noticed(site: Int, instance: String)
    case routerBack, restart

    var needsControlPlane: Bool {
        switch self {
        case .day, .death, .routerBack, .restart, .sweep, .budgetBack: false
        default: true
        }
    }

    /// Said by drivers of one control plane; the next one asks them anew.
    var isOfOneEpoch: Bool {
        switch self {
        case .stageEnds, .packed, .done, .tick: true
        default: false
        }
    }
}

/// A commit and what became of it.
struct SimulatedCommit {
    enum Fate: UInt8 { case pushed, red, accepted, live, superseded, undone }

    let site: Int
    let flaw: ChangeFlaw
    let isFix: Bool
    var fate = Fate.pushed
    var offered: Timestamp?

    /// `c17` is the commit at place 17.
    static func number(_ commit: String) -> Int { Int(commit.dropFirst()) ?? 0 }

    static func digest(_ number: Int) -> ReleaseDigest {
        let hex = String(number, radix: 16)
        let text = String(repeating: "0", count: 12 - hex.count) + hex + String(repeating: "c", count: 52)
        guard let digest = ReleaseDigest(text) else { preconditionFailure("64 hexadecimal digits are a digest") }
        return digest
    }
}

struct PendingEffect {
    let site: Int
    let effect: RolloutEffect
}
