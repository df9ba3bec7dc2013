import CanaryJudge
import DeliveryModel
import DeliveryStore
import Logging
import RolloutEngine
public import ServiceLifecycle

/// Carries out effects and brings their results back as events. Every effect may be carried out twice.
public struct EffectRunner: Service {
    /// How long a failed replacement waits before it is tried again.
    static let retryPause = Duration.seconds(2)
    /// How often in-flight requests are looked at while an instance drains.
    static let drainPoll = Duration.milliseconds(50)
    static let darkPoll = Duration.milliseconds(100)

    let reconciler: Reconciler

    public init(reconciler: Reconciler) { self.reconciler = reconciler }

    public func run() async throws {
        await withDiscardingTaskGroup { group in
            for await work in reconciler.work.cancelOnGracefulShutdown() {
                group.addTask { await carryOut(work) }
            }
            group.cancelAll()
        }
    }

    private func carryOut(_ work: Reconciler.Work) async {
        switch work.effect {
        case .start(let release, let ids): await start(work, release, ids)
        case .verify(let rollout, let release): await verify(work, rollout, release)
        case .stop(let release, let ids): await stop(work, release, ids)
        case .retain: await retain(work)
        case .route: break
        }
    }

    private func start(_ work: Reconciler.Work, _ release: ReleaseDigest, _ ids: [String]) async {
        guard let state = await reconciler.state(of: work.service), let record = state.releases[release] else {
            return await reconciler.finish(work.outboxID)
        }
        let wanted = ids.filter { id in record.instances.contains { $0.id == id } }
        guard !wanted.isEmpty else { return await reconciler.finish(work.outboxID) }
        do {
            let place = try await unpack(release)
            let ports = try await withThrowingTaskGroup(of: InstanceStatus.self) { group in
                for id in wanted {
                    let plan = Self.plan(id, record, place)
                    group.addTask {
                        _ = try await reconciler.instances.start(plan)
                        return try await reconciler.instances.waitUntilReady(plan)
                    }
                }
                return try await group.reduce(into: [String: Int]()) { $0[$1.id] = $1.port }
            }
            await report(.started(release: release, ports: ports), work)
        } catch is CancellationError {
            return
        } catch {
            if Task.isCancelled { return }
            let replaces = record.instances.contains { wanted.contains($0.id) && $0.replaces != nil }
            if replaces { try? await Task.sleep(for: Self.retryPause) }
            await report(
                .startFailed(release: release, why: "\(record.commit.prefix(10)) did not start: \(error)"), work)
        }
    }

    private func unpack(_ release: ReleaseDigest) async throws -> String {
        try reconciler.archive.unpack(release)
    }

    private static func plan(_ id: String, _ record: ReleaseRecord, _ place: String) -> InstancePlan {
        let run = record.specification.run
        return InstancePlan(
            id: id, service: record.specification.service, release: record.digest, commit: record.commit,
            command: run.command, environment: run.environment, directory: place + "/program",
            configDirectory: place + "/config", ready: run.ready, stop: run.stop,
            speaks: record.specification.route.instanceProtocol)
    }

    private func verify(_ work: Reconciler.Work, _ rollout: String, _ release: ReleaseDigest) async {
        guard let record = await reconciler.state(of: work.service)?.releases[release] else {
            return await reconciler.finish(work.outboxID)
        }
        do {
            let checks = record.specification.verify.smoke
            let running = checks.isEmpty ? [] : try await reconciler.instances.list()
            for slot in record.instances where !checks.isEmpty {
                guard let status = running.first(where: { $0.id == slot.id }) else {
                    throw DriverError(.failed, "instance \(slot.id) is gone")
                }
                for check in checks { try await reconciler.instances.check(check, instance: status) }
            }
            try await stayInTheDark(work.service, rollout)
            let rate = await reconciler.requestRates[work.service]
            let first = SequentialJudge.firstShare(
                JudgeConfiguration(record.specification, requestsPerSecond: rate))
            await report(.verified(rollout: rollout, firstShare: first), work)
        } catch {
            if Task.isCancelled { return }
            await report(.verifyFailed(rollout: rollout, why: "smoke check failed in the dark: \(error)"), work)
        }
    }

    /// Copies of requests need their time to show something. Ends early when the rollout does.
    private func stayInTheDark(_ service: ServiceName, _ rollout: String) async throws {
        while let state = await reconciler.state(of: service), state.rollout?.id == rollout,
            let until = state.darkUntil, await reconciler.now() < until
        {
            try await Task.sleep(for: Self.darkPoll)
        }
    }

    private func stop(_ work: Reconciler.Work, _ release: ReleaseDigest, _ ids: [String]) async {
        let record = await reconciler.state(of: work.service)?.releases[release]
        let grace = record?.specification.run.stop.grace ?? .seconds(10)
        await drain(work.service, release, ids, within: grace)
        await withDiscardingTaskGroup { group in
            for id in ids {
                group.addTask {
                    do { try await reconciler.instances.stop(id, grace: grace) } catch {
                        reconciler.logger.warning("cannot stop \(id)", metadata: ["why": "\(error)"])
                    }
                }
            }
        }
        if !Task.isCancelled { await reconciler.finish(work.outboxID) }
    }

    /// The table without these instances is in force: waits for the requests under way.
    private func drain(_ service: ServiceName, _ release: ReleaseDigest, _ ids: [String], within limit: Duration) async
    {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline, !Task.isCancelled {
            guard let measures = try? await reconciler.traffic.measures() else { return }
            let inFlight = measures.services[service]?[release]?.inFlight ?? [:]
            if ids.allSatisfy({ (inFlight[$0] ?? 0) == 0 }) { return }
            try? await Task.sleep(for: Self.drainPoll)
        }
    }

    private func retain(_ work: Reconciler.Work) async {
        guard let state = await reconciler.state(of: work.service) else { return }
        let keep = state.live.flatMap { state.releases[$0]?.specification.retention.releases } ?? 10
        let needed = state.needed
        let old = state.releases.values.sorted { $0.acceptedAt > $1.acceptedAt }.dropFirst(keep)
            .filter { !needed.contains($0.digest) }.map(\.digest)
        for digest in old {
            do { try reconciler.archive.remove(digest) } catch {
                reconciler.logger.warning("cannot remove release \(digest.short)", metadata: ["why": "\(error)"])
            }
        }
        if old.isEmpty {
            await reconciler.finish(work.outboxID)
        } else {
            await report(.forgotten(old), work)
        }
    }

    /// A result is never lost: while the disk refuses it, it is tried again.
    private func report(_ event: RolloutEvent, _ work: Reconciler.Work) async {
        while !Task.isCancelled {
            do {
                try await reconciler.handle(event, for: work.service, done: work.outboxID)
                return
            } catch is RolloutError {
                return await reconciler.finish(work.outboxID)
            } catch {
                reconciler.logger.warning("a result waits for the disk", metadata: ["why": "\(error)"])
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
