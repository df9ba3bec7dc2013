import DeliveryAPI
import DeliveryModel
import HTTPTypes
import Hummingbird

/// Routes of repositories and of those who tell of pushes.
struct RepositoryRoutes: Sendable {
    /// Longest wait for what comes of a trigger.
    static let waitLimit = 60.0

    let api: APIContext

    func add(to router: Router<BasicRequestContext>) {
        let path: RouterPath = "/api/v1/repositories"
        router.get(path) { _, _ in try APIContext.json(await api.desk.repositoryList) }
        router.post(path) { request, _ in
            let wish = try await APIContext.body(RepositoryRequest.self, request)
            return try APIContext.json(try await api.desk.addRepository(wish, actor: APIContext.actor(request)))
        }
        router.delete("/api/v1/repositories/:repository") { request, context in
            try APIContext.json(
                try await api.desk.removeRepository(Self.name(context), actor: APIContext.actor(request)))
        }
        router.post("/api/v1/repositories/:repository/trigger") { request, context in
            try await trigger(request, context)
        }
        router.post("/api/v1/webhooks/:forge/:repository") { request, context in
            try await webhook(request, context)
        }
    }

    private static func name(_ context: BasicRequestContext) -> String {
        context.parameters.get("repository") ?? ""
    }

    private func trigger(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let name = Self.name(context)
        let wish = try await APIContext.bodyIfAny(TriggerRequest.self, request) ?? TriggerRequest()
        let branch = wish.branch.map { $0.hasPrefix("refs/heads/") ? String($0.dropFirst(11)) : $0 }
        let wait = wish.waitSeconds ?? 0
        guard (0...Self.waitLimit).contains(wait) else {
            throw Problems.badRequest("waitSeconds is \(wait); expected 0 to \(Int(Self.waitLimit))")
        }
        let result = try await api.desk.trigger(
            name, LookWish(branches: branch.map { [$0] }, actor: APIContext.actor(request)),
            again: wish.again ?? false, wait: .seconds(wait))
        return try APIContext.json(result, status: .accepted)
    }

    private func webhook(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        guard let sender = WebhookSender(rawValue: context.parameters.get("forge") ?? "") else {
            throw Problems.badRequest(
                "webhooks come from " + WebhookSender.allCases.map(\.rawValue).joined(separator: ", "),
                code: "unknown-sender", status: 404)
        }
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let body = try await APIContext.bytes(request, limit: WebhookRequest.bodyLimit)
        let result = try await api.desk.webhook(
            Self.name(context),
            WebhookRequest(sender: sender, headers: headers, body: Array(body.readableBytesView)))
        return try APIContext.json(result, status: .accepted)
    }
}
