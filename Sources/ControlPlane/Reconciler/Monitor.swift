import DeliveryAPI
public import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import Logging
import RolloutEngine
public import ServiceLifecycle
import Synchronization

/// Looks at the world a few times a second: counts for the judges, instances that died or moved, a router that
/// restarted, the disk.
public final class Monitor: Service {
    /// Between two looks at the router's counts: a release that fails everything is seen within this.
    static let pace = Duration.milliseconds(200)
    /// Between two looks at the instances.
    static let slowPace = Duration.seconds(1)

    /// Ticks that may wait for the disk; older ones are dropped then.
    static let tickBacklog = 10_000

    /// Resident bytes above which pages of the program file are given back.
    static let memoryGoal = 32 << 20

    /// The newest that was seen, for status and metrics.
    public struct Snapshot: Sendable {
        public var measures: TrafficMeasures?
        public var instances: [InstanceStatus] = []
        /// Why the router or the instances could not be looked at, now.
        public var problems: [String] = []
    }

    private let reconciler: Reconciler
    private let newest = Mutex(Snapshot())
    private let ticks: AsyncStream<(VerdictTick, Timestamp)>.Continuation
    private let keptTicks: AsyncStream<(VerdictTick, Timestamp)>

    private let keepRouter: @Sendable () async throws -> Void

    /// - Parameter keepRouter: finds the router's shim, or starts one that takes the router over.
    public init(reconciler: Reconciler, keepRouter: @escaping @Sendable () async throws -> Void) {
        self.reconciler = reconciler
        self.keepRouter = keepRouter
        (keptTicks, ticks) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.tickBacklog))
    }

    public var snapshot: Snapshot { newest.withLock { $0 } }

    public func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watchTraffic() }
            group.addTask { await self.watchInstances() }
            group.addTask { await self.keepTicks() }
            group.addTask { await ResidentMemory.keep(under: Self.memoryGoal) }
            try? await gracefulShutdown()
            group.cancelAll()
        }
    }

    /// Apart from the looking, which must not wait for the disk.
    private func keepTicks() async {
        for await (tick, time) in keptTicks {
            do { try reconciler.database.append(ticks: [tick], at: time) } catch {
                reconciler.logger.debug("a tick could not be kept", metadata: ["why": "\(error)"])
            }
        }
    }

    private func watchTraffic() async {
        var desk = JudgeDesk()
        while !Task.isCancelled {
            do {
                let measures = try await reconciler.traffic.measures()
                newest.withLock {
                    $0.measures = measures
                    $0.problems.removeAll { $0.hasPrefix("router: ") }
                }
                await reconciler.follow(measures)
                await judge(measures, &desk)
            } catch {
                newest.withLock { snapshot in
                    snapshot.problems.removeAll { $0.hasPrefix("router: ") }
                    snapshot.problems.append("router: \(error)")
                }
            }
            try? await Task.sleep(for: Self.pace)
        }
    }

    private func judge(_ measures: TrafficMeasures, _ desk: inout JudgeDesk) async {
        let states = await reconciler.allStates()
        desk.keep(Set(states.compactMap { $0.rollout?.id }))
        for state in states {
            guard let rollout = state.rollout, rollout.phase == .shift || rollout.phase == .soak else { continue }
            let database = reconciler.database
            let now = await reconciler.now()
            let seen = desk.look(rollout, state, measures, at: now) { (try? database.ticks(rollout: $0)) ?? [] }
            guard let (verdict, tick) = seen else { continue }
            // Undo first: the record of the tick may wait, people may not.
            do {
                try await reconciler.handle(
                    .judged(rollout: rollout.id, verdict), for: state.service, mustMove: verdict.verdict == .undo)
            } catch {
                reconciler.logger.warning("a verdict could not be kept", metadata: ["why": "\(error)"])
            }
            ticks.yield((tick, now))
        }
    }

    private func watchInstances() async {
        var quiet: [String: Int] = [:]
        while !Task.isCancelled {
            await reconciler.flush()
            do { try await keepRouter() } catch {
                reconciler.logger.warning("the router's shim cannot be kept", metadata: ["why": "\(error)"])
            }
            do {
                let instances = try await reconciler.instances.list()
                newest.withLock {
                    $0.instances = instances
                    $0.problems.removeAll { $0.hasPrefix("instances: ") }
                }
                await compare(instances, &quiet)
            } catch {
                newest.withLock { snapshot in
                    snapshot.problems.removeAll { $0.hasPrefix("instances: ") }
                    snapshot.problems.append("instances: \(error)")
                }
            }
            try? await Task.sleep(for: Self.slowPace)
        }
    }

    /// What is decided against what runs: lost instances are replaced, moved ones routed anew.
    private func compare(_ instances: [InstanceStatus], _ missed: inout [String: Int]) async {
        let byID = Dictionary(instances.map { ($0.id, $0) }) { first, _ in first }
        for state in await reconciler.allStates() {
            for slot in state.releases.values.flatMap(\.instances) where slot.isReady {
                let status = byID[slot.id]
                switch status?.phase {
                case .running?, .backoff?:
                    missed[slot.id] = nil
                    if let status, status.port != slot.port, status.port != 0 {
                        await tell(.instanceMoved(id: slot.id, port: status.port), state.service)
                    }
                case .stopping?: break
                case .orphaned?, .stopped?, nil:
                    // Seen twice, so that a look during a restart of the shim is no loss.
                    missed[slot.id, default: 0] += 1
                    guard missed[slot.id] ?? 0 >= 2 else { break }
                    missed[slot.id] = nil
                    let why = status?.phase == .orphaned ? "its shim is gone" : "it is gone"
                    await tell(.instanceLost(id: slot.id, why: why), state.service)
                }
            }
            let now = await reconciler.now()
            if state.releases.values.contains(where: { $0.warmUntil.map { $0 <= now } ?? false }) {
                await tell(.clock, state.service)
            }
        }
    }

    private func tell(_ event: RolloutEvent, _ service: ServiceName) async {
        do { try await reconciler.handle(event, for: service) } catch {
            reconciler.logger.warning("\(service): an event could not be kept", metadata: ["why": "\(error)"])
        }
    }
}
