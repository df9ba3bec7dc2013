import CanaryJudge
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

    /// Records that may wait for the disk; older ones are dropped then.
    static let recordBacklog = 10_000

    /// Resident bytes above which pages of the program file are given back.
    static let memoryGoal = 32 << 20

    /// The newest that was seen, for status and metrics.
    public struct Snapshot: Sendable {
        public var measures: TrafficMeasures?
        public var instances: [InstanceStatus] = [] {
            didSet { instancesByService = Dictionary(grouping: instances, by: \.service) }
        }
        /// The same, for those who ask about one service after another.
        private(set) var instancesByService: [ServiceName: [InstanceStatus]] = [:]
        /// Requests per second by service, of about the last half minute.
        public var rates: [ServiceName: Double] = [:]
        /// How clustered each live release's errors are, where it could be measured.
        var dispersions: [ServiceName: Dispersion.Estimate] = [:]
        /// Why the router or the instances could not be looked at, now.
        public var problems: [String] = []
        /// What people should know though all works, by subject.
        var notices: [String: String] = [:]
    }

    private let reconciler: Reconciler
    private let newest = Mutex(Snapshot())
    private let waiting: AsyncStream<Record>
    private let records: AsyncStream<Record>.Continuation

    /// What looking leaves to be written down.
    private enum Record: Sendable {
        case ticks([VerdictTick], at: Timestamp)
        case blocks([DispersionHistory.Block], at: Timestamp)
    }

    private let keepRouter: @Sendable () async throws -> Void
    private let metrics: MetricWatch

    /// - Parameters:
    ///   - metrics: asks for business counts and gauges.
    ///   - keepRouter: finds the router's shim, or starts one that takes the router over.
    public init(
        reconciler: Reconciler, metrics: any MetricDriver, keepRouter: @escaping @Sendable () async throws -> Void
    ) {
        self.reconciler = reconciler
        self.metrics = MetricWatch(driver: metrics)
        self.keepRouter = keepRouter
        (waiting, records) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.recordBacklog))
    }

    public var snapshot: Snapshot { newest.withLock { $0 } }

    /// - Parameter notice: `nil`: there is nothing to tell any more.
    func note(_ notice: String?, about subject: String) { newest.withLock { $0.notices[subject] = notice } }

    public func run() async throws {
        // No child of ours: cancelled, it would end the stream before the last verdict's tick is in it.
        let keeper = Task { await self.keepRecords() }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watchTraffic() }
            group.addTask { await self.watchInstances() }
            group.addTask { await self.metrics.run(self.reconciler) }
            group.addTask { await ResidentMemory.keep(under: Self.memoryGoal) }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        records.finish()
        await keeper.value
    }

    /// Apart from the looking, which must not wait for the disk.
    private func keepRecords() async {
        for await record in waiting {
            switch record {
            case .ticks(let ticks, let time):
                // Together, since each transaction waits for the disk; one that is refused must not take others along.
                if ticks.count > 1, (try? reconciler.database.append(ticks: ticks, at: time)) != nil { continue }
                for tick in ticks { keep { try reconciler.database.append(ticks: [tick], at: time) } }
            case .blocks(let blocks, let time):
                keep { try reconciler.database.append(blocks: blocks.map(BaselineBlock.init), at: time) }
            }
        }
    }

    private func keep(_ record: () throws -> Void) {
        do { try record() } catch {
            reconciler.logger.debug("what was counted could not be kept", metadata: ["why": "\(error)"])
        }
    }

    private func watchTraffic() async {
        var desk = JudgeDesk()
        var baseline = await rememberedBaseline()
        while !Task.isCancelled {
            do {
                let puts = await reconciler.puts
                let measures = try await reconciler.traffic.measures()
                let states = await reconciler.allStates()
                let now = await reconciler.now()
                let blocks = baseline.look(measures, states, at: now)
                if !blocks.isEmpty { records.yield(.blocks(blocks, at: now)) }
                newest.withLock { snapshot in
                    snapshot.measures = measures
                    snapshot.rates = baseline.rates
                    snapshot.dispersions = states.reduce(into: [:]) { $0[$1.service] = baseline.dispersion($1.service) }
                    snapshot.problems.removeAll { $0.hasPrefix("router: ") }
                }
                await reconciler.learn(rates: baseline.rates)
                await reconciler.follow(measures, asked: puts)
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

    private func rememberedBaseline() async -> BaselineWatch {
        let now = await reconciler.now()
        var stored: [BaselineBlock] = []
        do { stored = try reconciler.database.blocks(since: now - DispersionHistory.length) } catch {
            reconciler.logger.warning(
                "how clustered errors were before this start is not known", metadata: ["why": "\(error)"])
        }
        return BaselineWatch(history: DispersionHistory(stored, at: now))
    }

    private func judge(_ measures: TrafficMeasures, _ desk: inout JudgeDesk) async {
        let states = await reconciler.allStates()
        let now = await reconciler.now()
        let cases = states.compactMap { state in JudgeDesk.watched(state, at: now).map { (state, $0) } }
        desk.keep(Set(cases.map(\.1.id)))
        let snapshot = self.snapshot
        var ticks: [VerdictTick] = []
        defer { if !ticks.isEmpty { records.yield(.ticks(ticks, at: now)) } }
        for (state, rollout) in cases {
            let now = await reconciler.now()
            let sight = JudgeDesk.Sight(
                measures: measures, instances: snapshot.instancesByService[state.service] ?? [],
                dispersion: snapshot.dispersions[state.service],
                requestsPerSecond: snapshot.rates[state.service], now: now)
            let seen = await desk.look(
                rollout, state, sight, readings: { await metrics.take(rollout.id) },
                earlier: recordedTicks)
            guard let (verdict, tick) = seen else { continue }
            let event: RolloutEvent =
                rollout.outcome == nil
                ? .judged(rollout: rollout.id, verdict) : .judgedAfterwards(rollout: rollout.id, verdict)
            // Undo first: the record of the tick may wait, people may not.
            do {
                try await reconciler.handle(event, for: state.service, mustMove: verdict.verdict == .undo)
            } catch {
                reconciler.logger.warning("a verdict could not be kept", metadata: ["why": "\(error)"])
            }
            if let tick {
                ticks.append(tick)
            } else {
                reconciler.logger.warning("a tick of rollout \(rollout.id) cannot be written down")
            }
        }
    }

    private func recordedTicks(_ rollout: String) -> [String] {
        do { return try reconciler.database.ticks(rollout: rollout) } catch {
            reconciler.logger.warning(
                "rollout \(rollout) is judged without its earlier evidence", metadata: ["why": "\(error)"])
            return []
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
