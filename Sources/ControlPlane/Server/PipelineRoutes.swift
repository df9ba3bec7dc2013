import DeliveryAPI
import DeliveryModel
import HTTPTypes
import Hummingbird
import NIOCore
import RolloutEngine

/// Routes of pipeline runs.
struct PipelineRoutes: Sendable {
    /// Most bytes of one piece of output.
    static let pieceBytes = 64 << 10

    let api: APIContext

    func add(to router: Router<BasicRequestContext>) {
        let run: RouterPath = "/api/v1/pipelines/:run"
        router.get("/api/v1/pipelines") { request, _ in
            let limit = try APIContext.number(request, "limit", default: 20, in: 1...ReadingRoutes.pageLimit)
            return try APIContext.json(
                try await api.desk.runList(
                    service: APIContext.query(request, "service"),
                    repository: APIContext.query(request, "repository"),
                    branch: APIContext.query(request, "branch"), limit: limit))
        }
        router.get(run) { _, context in try APIContext.json(try await api.desk.runStatus(Self.id(context))) }
        router.get("/api/v1/pipelines/:run/logs") { request, context in try await logs(request, context) }
        router.post("/api/v1/pipelines/:run/cancel") { request, context in
            let (held, changed) = try await api.desk.cancel(Self.id(context), actor: APIContext.actor(request))
            return try APIContext.json(PipelineActionResult(changed: changed, run: DeliveryViews.status(held)))
        }
        router.post("/api/v1/pipelines/:run/again") { request, context in
            let held = try await api.desk.again(Self.id(context), actor: APIContext.actor(request))
            return try APIContext.json(
                PipelineActionResult(changed: true, run: DeliveryViews.status(held)), status: .accepted)
        }
        router.post("/api/v1/pipelines/:run/deploy") { request, context in
            let wish = try await APIContext.bodyIfAny(RunDeployRequest.self, request) ?? RunDeployRequest()
            let (record, offered) = try await api.desk.deploy(
                run: Self.id(context), actor: APIContext.actor(request), fix: wish.fix ?? false)
            return try APIContext.json(CommandRoutes.accepted(offered, record), status: .accepted)
        }
        router.get("/api/v1/services/:service/pipeline/stats") { _, context in
            try APIContext.json(try await api.desk.statistics(try api.service(context)))
        }
    }

    private static func id(_ context: BasicRequestContext) -> String { context.parameters.get("run") ?? "" }

    /// Output of all attempts, in the order in which they began; those at the same time take turns.
    private func logs(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let id = Self.id(context)
        let only = APIContext.query(request, "stage")
        let follow = APIContext.query(request, "follow") == "true"
        let first = try await api.desk.stored(id)
        if let only, first.run[only] == nil {
            throw Problems.badRequest(
                "\(id) has no stage '\(only.prefix(100))'; it has "
                    + first.run.stages.map(\.name).joined(separator: ", "), code: "unknown-stage", status: 404)
        }
        let desk = api.desk
        let body = ResponseBody { writer in
            var readers: [StageLogReader] = []
            var spoke = ContinuousClock.now
            while !Task.isCancelled {
                let held = try await desk.stored(id)
                let attempts = held.run.stages.filter { only == nil || $0.name == only }.flatMap(\.attempts)
                    .sorted { ($0.startedAt, $0.id) < ($1.startedAt, $1.id) }
                for attempt in attempts where !readers.contains(where: { $0.attempt == attempt.id }) {
                    readers.append(StageLogReader(stage: attempt.stage, number: attempt.number, attempt: attempt.id))
                }
                var isQuiet = true
                for index in readers.indices where !readers[index].isDone {
                    for line in await readers[index].next(desk.stages, limit: Self.pieceBytes) {
                        isQuiet = false
                        spoke = .now
                        try await writer.write(ByteBuffer(string: try StoredForms.json(line) + "\n"))
                    }
                }
                guard isQuiet else { continue }
                if !follow || held.run.outcome != nil { break }
                // An empty line keeps an idle stream open.
                if spoke.duration(to: .now) > ReadingRoutes.heartbeat {
                    try await writer.write(ByteBuffer(string: "\n"))
                    spoke = .now
                }
                try await Task.sleep(for: ReadingRoutes.followPause)
            }
            for index in readers.indices {
                if let rest = readers[index].rest() {
                    try await writer.write(ByteBuffer(string: try StoredForms.json(rest) + "\n"))
                }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/jsonl"], body: body)
    }
}
