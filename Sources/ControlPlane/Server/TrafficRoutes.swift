import DeliveryAPI
import DeliveryModel
import Hummingbird
import RolloutEngine

/// Routes that keep a service's requests back, or let them go on.
struct TrafficRoutes: Sendable {
    let api: APIContext

    func add(to router: Router<BasicRequestContext>) {
        let path = "/api/v1/services/:service/traffic"
        router.post("\(path)/pause") { request, context in try await hold(.pause, request, context) }
        router.post("\(path)/stop") { request, context in try await hold(.stop, request, context) }
        router.post("\(path)/resume") { request, context in
            try await set(nil, APIContext.actor(request), try await api.state(context))
        }
    }

    private func hold(
        _ mode: TrafficHold.Mode, _ request: Request, _ context: BasicRequestContext
    ) async throws -> Response {
        let state = try await api.state(context)
        let wish = try await APIContext.bodyIfAny(TrafficHoldRequest.self, request) ?? TrafficHoldRequest()
        do {
            return try await set(try wish.hold(mode).get(), APIContext.actor(request), state)
        } catch let mistake as TrafficHoldMistake {
            throw Problems.badRequest(mistake.description, code: "bad-hold", status: 422)
        }
    }

    private func set(_ hold: TrafficHold?, _ actor: String, _ state: ServiceState) async throws -> Response {
        let outcome = try await api.reconciler.handle(
            .held(hold, actor: actor), for: state.service, mustMove: true)
        return try APIContext.json(
            TrafficHoldResult(service: state.service, changed: outcome.changed, hold: outcome.after.hold))
    }
}
