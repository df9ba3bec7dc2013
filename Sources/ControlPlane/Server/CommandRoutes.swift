import DeliveryAPI
import DeliveryModel
import DeliveryStore
import HTTPTypes
import Hummingbird
import NIOCore
import RolloutEngine

/// Routes that change something.
struct CommandRoutes: Sendable {
    /// Longest wait for a cold release beyond its own `ready.within`.
    static let recoveryMargin = Duration.seconds(60)
    /// How long a drill leaves traffic on the earlier release.
    static let drillTime = Duration.seconds(1)

    let api: APIContext

    func add(to router: Router<BasicRequestContext>) {
        router.head("/api/v1/blobs/:digest") { _, context in
            let digest = try Self.digest(context)
            return Response(status: try api.archive.hasBlob(digest) ? .ok : .notFound)
        }
        router.put("/api/v1/blobs/:digest") { request, context in try await putBlob(request, context) }
        router.post("/api/v1/services/:service/deploys") { request, context in try await deploy(request, context) }
        router.post("/api/v1/services/:service/undo") { request, context in try await undo(request, context) }
        router.post("/api/v1/services/:service/redo") { request, context in try await redo(request, context) }
        router.post("/api/v1/services/:service/drill") { request, context in try await drill(request, context) }
        let actions: [(RouterPath, @Sendable (String) -> RolloutEvent)] = [
            ("pause", { .pause(actor: $0) }), ("resume", { .resume(actor: $0) }), ("promote", { .promote(actor: $0) }),
            ("abort", { .abort(actor: $0) }),
        ]
        TrafficRoutes(api: api).add(to: router)
        for (name, event) in actions {
            router.post("/api/v1/services/:service/rollout/\(name.description)") { request, context in
                try await act(event(APIContext.actor(request)), context)
            }
        }
    }

    private static func digest(_ context: BasicRequestContext) throws -> ReleaseDigest {
        let text = context.parameters.get("digest") ?? ""
        guard text.hasPrefix("sha256:"), let digest = ReleaseDigest(text) else {
            throw Problems.badRequest(
                "'\(text)' is not a digest: sha256: and 64 hexadecimal digits", code: "bad-digest")
        }
        return digest
    }

    private func putBlob(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let digest = try Self.digest(context)
        let writer = try api.archive.putBlob(digest)
        for try await part in request.body { try writer.append(Array(part.readableBytesView)) }
        _ = try writer.finish()
        return Response(status: .created)
    }

    private func deploy(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let service = try api.service(context)
        let wanted = try await APIContext.body(DeployRequest.self, request)
        let record = try await api.desk.record(of: wanted.release)
        guard record.specification.service == service else {
            throw Problems.badRequest(
                "release \(wanted.release.short) is of service '\(record.specification.service)', not of "
                    + "'\(service)'", code: "wrong-service", status: 422)
        }
        let offered = try await api.desk.deploy(
            record, actor: APIContext.actor(request), fix: wanted.fix ?? false, branch: wanted.branch)
        return try APIContext.json(Self.accepted(offered, record), status: .accepted)
    }

    static func accepted(_ offered: DeliveryDesk.Offered, _ record: ReleaseRecord) -> DeployAccepted {
        let state = offered.state
        let rollout: String
        let outcome: DeployAccepted.Outcome
        if offered.isWaiting {
            (outcome, rollout) = (.queued, "")
        } else if let running = state.rollout, running.candidate == record.digest {
            (outcome, rollout) = (.started, running.id)
        } else if let queued = state.queue, queued.digest == record.digest {
            (outcome, rollout) = (.queued, queued.rollout)
        } else {
            (outcome, rollout) = (.live, "")
        }
        return DeployAccepted(
            service: state.service, release: record.digest, commit: record.commit, outcome: outcome, rollout: rollout,
            superseded: offered.superseded,
            waitsFor: outcome == .queued ? offered.reasons.map(WaitWords.sentence) : nil,
            since: record.acceptedAt)
    }

    private func undo(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let began = ContinuousClock.now
        let (state, target) = try await wanted(request, context)
        let outcome = try await api.reconciler.handle(
            .undo(to: target, actor: APIContext.actor(request)), for: state.service, mustMove: true)
        return try await answer("undo", outcome, began)
    }

    /// The service, and the release that an undo or redo names, if any.
    private func wanted(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> (ServiceState, ReleaseDigest?) {
        let state = try await api.state(context)
        let wanted = try await APIContext.bodyIfAny(UndoRequest.self, request) ?? UndoRequest()
        let target = try wanted.to.map { try api.release($0, in: state) }
        return (state, target)
    }

    private func redo(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let began = ContinuousClock.now
        let (state, target) = try await wanted(request, context)
        let outcome = try await api.reconciler.handle(
            .redo(to: target, actor: APIContext.actor(request)), for: state.service, mustMove: true)
        return try await answer("redo", outcome, began)
    }

    /// Says where traffic is, when it is there: a cold release is waited for.
    private func answer(
        _ verb: String, _ outcome: Reconciler.Outcome, _ began: ContinuousClock.Instant
    ) async throws -> Response {
        var state = outcome.after
        if let recovery = state.recovery { state = try await wait(for: recovery, state) }
        guard let serving = (verb == "redo" ? state.rollout?.candidate : nil) ?? state.live else {
            throw ProblemDetails(
                code: "nothing-to-undo", title: "Nothing to \(verb)", status: 409,
                detail: "\(state.service) has no release that serves")
        }
        let seconds = began.duration(to: .now).inSeconds
        let commit = state.releases[serving]?.commit ?? ""
        let from = outcome.before.rollout?.candidate ?? outcome.before.live
        let message: String =
            if !outcome.changed {
                "traffic is on \(serving.short) already; nothing changed"
            } else if serving != state.live {
                "\(serving.short) goes forward again as rollout \(state.rollout?.id ?? "")"
            } else {
                "traffic is \(verb == "undo" ? "back" : "forward again") on \(serving.short) (commit "
                    + "\(commit.prefix(10)))"
            }
        return try APIContext.json(
            UndoResult(
                service: state.service, changed: outcome.changed, from: outcome.changed ? from : nil, to: serving,
                toCommit: commit, seconds: seconds, journaled: outcome.journaled, message: message))
    }

    private func wait(for recovery: Recovery, _ start: ServiceState) async throws -> ServiceState {
        let within = start.releases[recovery.target]?.specification.run.ready.within ?? .seconds(20)
        let deadline = ContinuousClock.now + within + Self.recoveryMargin
        var state = start
        while state.recovery?.target == recovery.target, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
            state = await api.reconciler.state(of: start.service) ?? state
        }
        guard state.live == recovery.target else {
            throw ProblemDetails(
                code: "recovery-failed", title: "The release did not start", status: 503,
                detail: "\(recovery.target.short) could not be started from storage; traffic stays on "
                    + "\(state.live?.short ?? "nothing"). 'nonevent journal --service \(start.service)' says why")
        }
        return state
    }

    private func act(_ event: RolloutEvent, _ context: BasicRequestContext) async throws -> Response {
        let state = try await api.state(context)
        let outcome = try await api.reconciler.handle(event, for: state.service)
        let views = await api.views(outcome.after)
        guard let rollout = outcome.after.rollout ?? outcome.after.past.first else {
            throw ProblemDetails(
                code: "no-rollout", title: "No rollout", status: 409, detail: "\(state.service) has no rollout")
        }
        return try APIContext.json(RolloutActionResult(changed: outcome.changed, rollout: views.rollout(rollout)))
    }

    private func drill(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let actor = APIContext.actor(request)
        let before = try await api.state(context)
        let counts = api.monitor.snapshot.measures
        var began = ContinuousClock.now
        let outcome = try await api.reconciler.handle(.drillBegan(actor: actor), for: before.service, mustMove: true)
        var state = outcome.after
        if let recovery = state.recovery {
            began = .now
            state = try await wait(for: recovery, state)
        }
        let undoSeconds = began.duration(to: .now).inSeconds
        guard let drill = state.drill else {
            throw ProblemDetails(
                code: "busy", title: "The drill was overtaken", status: 409,
                detail: "something else moved \(state.service)")
        }
        try? await Task.sleep(for: Self.drillTime)
        began = .now
        _ = try await api.reconciler.handle(.drillEnded(actor: actor), for: before.service, mustMove: true)
        let redoSeconds = began.duration(to: .now).inSeconds
        try? await Task.sleep(for: Monitor.pace * 2)
        let (requests, bad) = Self.served(before.service, since: counts, now: api.monitor.snapshot.measures)
        return try APIContext.json(
            DrillResult(
                service: before.service, from: drill.from, to: drill.to, undoSeconds: undoSeconds,
                redoSeconds: redoSeconds, bad: bad, requests: requests))
    }

    private static func served(
        _ service: ServiceName, since before: TrafficMeasures?, now: TrafficMeasures?
    ) -> (requests: UInt64, bad: UInt64) {
        guard let now, let before, before.epoch == now.epoch else { return (0, 0) }
        func sum(_ measures: TrafficMeasures, _ key: KeyPath<ReleaseMeasures, UInt64>) -> UInt64 {
            (measures.services[service] ?? [:]).values.reduce(0) { $0 + $1[keyPath: key] }
        }
        func rise(_ key: KeyPath<ReleaseMeasures, UInt64>) -> UInt64 {
            let (later, earlier) = (sum(now, key), sum(before, key))
            return later > earlier ? later - earlier : 0
        }
        return (rise(\.requests), rise(\.bad))
    }
}
