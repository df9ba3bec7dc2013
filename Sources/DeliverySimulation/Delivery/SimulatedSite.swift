import CanaryJudge
import DeliveryModel
import Glibc
import RolloutEngine

/// One service of the simulated organisation: what it is, what is decided about it, and what really runs.
///
/// An object, since a run looks at single properties of it millions of times, and would copy a value's other ones.
final class SimulatedSite {
    let name: ServiceName
    let specification: ServiceSpecification
    let requestsPerSecond: Double
    /// Of the control plane.
    var state: ServiceState
    var pipelines: [Int: PipelineRun] = [:]
    var judging: JudgedRollout?
    /// What the journal alone says.
    var fold = JournalFold()
    /// Changed since the states were saved last.
    var isDirty = false
    /// Something happened to it since the last sweep.
    var isTouched = false
    /// Of the world: what the trunk suffers from, and what each release has of it.
    var trunkFlaw = ChangeFlaw.none
    var isFixComing = false
    var flaws: [ReleaseDigest: ChangeFlaw] = [:]
    var running: Set<String> = []
    /// Died, and nobody has noticed yet.
    var dying: Set<String> = []
    /// The router's part of the table.
    var routed: RoutedService?
    /// The newest commit that was offered to the queue.
    var newestOffered = -1
    var nextClock: Timestamp?
    /// When its last rollout ended.
    var lastEnd: Timestamp
    /// Last seen with a reason not to go that is not the queue's: a hold, a freeze, a spent budget.
    var lastBlocked: Timestamp
    var traffic: SplitMix64

    init(_ plan: SimulationPlan, index: Int, at now: Timestamp) {
        var random = SplitMix64(seed: plan.seed, index: index, stream: SimulationStream.sites.rawValue)
        guard let name = ServiceName("s\(index)") else { preconditionFailure("a letter and digits are a name") }
        self.name = name
        state = ServiceState(service: name)
        (lastBlocked, lastEnd) = (now, now)
        traffic = SplitMix64(seed: plan.seed, index: index, stream: SimulationStream.traffic.rawValue)
        // From 50 to 2,000 requests a second.
        requestsPerSecond = 50 * exp(log(40.0) * random.unit())
        specification = Self.specification(name, index, &random)
    }

    private static func specification(
        _ name: ServiceName, _ index: Int, _ random: inout SplitMix64
    ) -> ServiceSpecification {
        let policies: [InconclusivePolicy] = [.hold, .hold, .promote, .undo]
        let steps: RolloutSteps =
            random.unit() < 0.2 ? .fixed([Share(clamping: 500), Share(clamping: 2500), .all]) : .auto
        let freeze = FreezeWindow(
            from: .weekly(weekday: 4, minute: 16 * 60), to: .weekly(weekday: 0, minute: 8 * 60), zone: "Europe/Berlin")
        let test = StageSpecification(name: "unit", run: .shell("test"), needs: ["build"], retries: 1)
        return ServiceSpecification(
            service: name, run: RunSpecification(command: ["./run"], instances: 2),
            route: RouteSpecification(hosts: [name.text]),
            rollout: RolloutSpecification(
                steps: steps, hold: .seconds(60), soak: .seconds(60), undo: .init(keepWarm: .seconds(1800))),
            judge: JudgeSpecification(
                limit: .seconds(1800), onInconclusive: policies[index % policies.count], dispersion: 1),
            retention: RetentionSpecification(releases: 3),
            pipeline: PipelineSpecification(stages: [
                StageSpecification(name: "build", run: .shell("build")), test,
                StageSpecification(name: "lint", run: .shell("lint"), needs: ["build"]),
            ]),
            deploy: DeploySpecification(
                team: "team-\(index % 24)", group: index % 30 == 0 ? "payments" : nil,
                supersede: index % 20 == 7 ? .running : .waiting, freeze: index % 10 == 3 ? [freeze] : []))
    }

    /// The newest release that is still somewhere on its way.
    func isUnderWay(_ release: ReleaseDigest?) -> Bool {
        release != nil && (state.rollout?.candidate == release || state.queue?.digest == release)
    }
}

/// Purposes with random numbers of their own.
enum SimulationStream: UInt64 {
    case sites = 100
    case traffic, pushes, work, people, faults
}

/// A judge at work, and all that it was fed: after a crash the next one is fed the same.
struct JudgedRollout {
    let rollout: String
    let candidate: ReleaseDigest
    let baseline: ReleaseDigest
    let began: Timestamp
    var judge: SequentialJudge
    var ticks: [JudgeTick] = []
    /// Since then nothing was measured.
    var lastTick: Timestamp
    var share: Share
    /// The rollout is complete; it is watched a while longer.
    var completed: Timestamp?
}
