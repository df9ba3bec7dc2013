import DeliveryAPI
import DeliveryModel
import Hummingbird

/// Routes of the deploy queue and its holds.
struct QueueRoutes: Sendable {
    let api: APIContext

    func add(to router: Router<BasicRequestContext>) {
        router.get("/api/v1/queue") { _, _ in try APIContext.json(await api.desk.queueStatus()) }
        router.post("/api/v1/queue/:service/move") { request, context in
            let wish = try await APIContext.body(QueueMoveRequest.self, request)
            guard wish.to >= 1 else {
                throw Problems.badRequest("to is \(wish.to); expected a place from 1", code: "bad-place", status: 422)
            }
            return try APIContext.json(
                try await api.desk.move(try api.service(context), to: wish.to, actor: APIContext.actor(request)))
        }
        router.post("/api/v1/queue/:service/drop") { request, context in
            try APIContext.json(
                try await api.desk.drop(try api.service(context), actor: APIContext.actor(request)))
        }
        router.post("/api/v1/holds") { request, _ in
            let wish = try await APIContext.body(DeployHoldRequest.self, request)
            return try APIContext.json(
                try await api.desk.hold(wish.service, reason: wish.reason ?? "", actor: APIContext.actor(request)))
        }
        router.post("/api/v1/holds/release") { request, _ in
            let wish = try await APIContext.body(DeployHoldRequest.self, request)
            return try APIContext.json(
                try await api.desk.release(wish.service, actor: APIContext.actor(request)))
        }
    }
}
