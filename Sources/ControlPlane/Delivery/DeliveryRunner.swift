import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import Logging
import RolloutEngine
import ServiceLifecycle

/// Keeps the desk going: carries out what pipelines ask for, looks at repositories, asks the queue.
struct DeliveryRunner: Service {
    /// How long anything that only time brings may wait: polls, freeze windows, a settings file.
    static let tick = Duration.seconds(1)
    /// Before a result that the disk refused is offered again.
    static let diskPause = Duration.seconds(1)

    let desk: DeliveryDesk
    let monitor: Monitor
    let reporter: CommitStatusReporter

    /// Between two looks at what services answered.
    static let budgetPause = Duration.seconds(30)
    /// Between two tries to end what an earlier control plane left.
    static let recoverPause = Duration.seconds(5)

    func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await endLeftovers()
                await withDiscardingTaskGroup { efforts in
                    for await work in desk.work { efforts.addTask { await carryOut(work) } }
                }
            }
            group.addTask { await tickAlong() }
            group.addTask { for await _ in desk.reconciler.freed { desk.wake.yield() } }
            group.addTask { await watch() }
            group.addTask { await watchBudgets() }
            group.addTask { await reporter.run() }
            try? await gracefulShutdown()
            group.cancelAll()
        }
    }

    /// Before anything of this control plane's runs.
    private func endLeftovers() async {
        await desk.sweepWorkshop()
        while !Task.isCancelled {
            do {
                let found = try await desk.stages.recover()
                if !found.isEmpty {
                    desk.logger.notice(
                        "stages of an earlier control plane were ended: \(found.joined(separator: ", "))")
                }
                return
            } catch {
                desk.logger.warning("stages of an earlier control plane cannot be ended", metadata: ["why": "\(error)"])
            }
            try? await Task.sleep(for: Self.recoverPause)
        }
    }

    private func tickAlong() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.tick)
            desk.wake.yield()
        }
    }

    private func watchBudgets() async {
        while !Task.isCancelled {
            do { if let measures = monitor.snapshot.measures { try await desk.count(measures) } } catch {
                desk.logger.debug("error budgets could not be kept", metadata: ["why": "\(error)"])
            }
            try? await Task.sleep(for: Self.budgetPause)
        }
    }

    private func watch() async {
        await withDiscardingTaskGroup { looks in
            for await _ in desk.wakes {
                if Task.isCancelled { return }
                for (name, wish) in await desk.due() { looks.addTask { await look(name, wish) } }
                do { try await desk.moveOn() } catch {
                    desk.logger.warning("the deploy queue could not be asked", metadata: ["why": "\(error)"])
                }
            }
        }
    }

    private func look(_ name: String, _ wish: LookWish) async {
        do { try await desk.look(at: name, wish) } catch {
            desk.logger.notice("repository \(name) could not be looked at", metadata: ["why": "\(error)"])
        }
        await desk.looked(name)
    }

    private func carryOut(_ work: DeliveryDesk.Work) async {
        switch work.effect {
        case .start(let attempt, let stage):
            guard let plan = await desk.plan(work.run, attempt: attempt, stage: stage) else { return }
            let result = await desk.stages.run(plan)
            // Stopped because this control plane ends: the next one runs it again.
            if Task.isCancelled { return }
            await report { try await desk.ended(work.run, attempt: attempt, result) }
        case .stop(let attempt): await desk.stages.stop(attempt)
        case .pack:
            do {
                guard let digest = try await desk.pack(work.run) else { return }
                await report { try await desk.packed(work.run, .success(digest)) }
            } catch {
                if Task.isCancelled { return }
                await report { try await desk.packed(work.run, .failure(error)) }
            }
        }
    }

    /// A result is never lost: while the disk refuses it, it is tried again.
    private func report(_ write: () async throws -> Void) async {
        while !Task.isCancelled {
            do { return try await write() } catch let error as PipelineError {
                return desk.logger.debug("a result came too late", metadata: ["why": "\(error)"])
            } catch {
                desk.logger.warning("a pipeline's result waits for the disk", metadata: ["why": "\(error)"])
                try? await Task.sleep(for: Self.diskPause)
            }
        }
    }
}

extension DeliveryDesk {
    func due() async -> [(String, LookWish)] { dueLooks(at: await reconciler.now()) }

    func looked(_ name: String) {
        looking.remove(name)
        wake.yield()
    }

    /// Begins what can begin: runs, and deploys.
    func moveOn() async throws {
        try await alone {
            try await beginRuns()
            try await askQueue()
        }
    }
}
