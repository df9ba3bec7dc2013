public import DeliveryModel
import NIOCore
import NIOHTTP1

extension ControlPlaneClient {
    /// `GET /api/v1/services`.
    public func services() async throws -> ServiceList { try await get("/api/v1/services") }

    /// `GET /api/v1/services/{service}`.
    public func status(_ service: ServiceName) async throws -> ServiceStatus { try await get(path(service)) }

    /// `POST .../deploys`; the release's blobs must have been put before.
    public func deploy(_ service: ServiceName, _ wish: DeployRequest) async throws -> DeployAccepted {
        try await post(path(service, "/deploys"), wish, key: makeKey())
    }

    /// `POST .../undo`: traffic back to the last good release, or to the one named. Asked again with the same key for
    /// up to 5 s when
    /// the connection breaks after it was accepted, so that a control plane that restarts just then neither loses nor
    /// doubles it.
    public func undo(_ service: ServiceName, to release: String? = nil) async throws -> UndoResult {
        try await postUntilAnswered(path(service, "/undo"), UndoRequest(to: release))
    }

    /// `POST .../redo`: traffic forward again; asked again as `undo` is.
    public func redo(_ service: ServiceName, to release: String? = nil) async throws -> UndoResult {
        try await postUntilAnswered(path(service, "/redo"), UndoRequest(to: release))
    }

    /// `POST .../drill`.
    public func drill(_ service: ServiceName) async throws -> DrillResult {
        try await post(path(service, "/drill"), EmptyBody(), key: makeKey(), within: ClientLimits.drill)
    }

    /// What can be done to a running rollout.
    public enum RolloutAction: String, Sendable, CaseIterable {
        case pause, resume, promote, abort
    }

    /// `POST .../rollout/{action}`.
    public func rollout(_ action: RolloutAction, _ service: ServiceName) async throws -> RolloutActionResult {
        try await post(path(service, "/rollout/" + action.rawValue), EmptyBody(), key: makeKey())
    }

    /// What can be done to a service's requests.
    public enum TrafficAction: String, Sendable, CaseIterable {
        case pause, stop, resume
    }

    /// `POST .../traffic/{action}`: answered when the router follows it.
    public func traffic(
        _ action: TrafficAction, _ service: ServiceName, _ wish: TrafficHoldRequest = .init()
    ) async throws -> TrafficHoldResult {
        try await post(path(service, "/traffic/" + action.rawValue), wish, key: makeKey())
    }

    /// `GET .../releases`, newest first.
    public func releases(_ service: ServiceName) async throws -> ReleaseList {
        try await get(path(service, "/releases"))
    }

    /// `GET .../history`, newest first.
    public func history(_ service: ServiceName, limit: Int? = nil) async throws -> RolloutHistory {
        try await get(path(service, "/history"), query: [("limit", limit.map(String.init))])
    }

    /// `GET .../ticks?rollout=ID`: what the judge saw, one JSON object a line, as sent.
    public func ticks(_ service: ServiceName, rollout: String) async throws -> LineStream {
        try await lines(
            request(.GET, path(service, "/ticks"), query: [("rollout", rollout)]), within: ClientLimits.answer)
    }

    /// `GET .../forecast`.
    public func forecast(_ service: ServiceName) async throws -> JudgeForecast {
        try await get(path(service, "/forecast"))
    }

    func path(_ service: ServiceName, _ rest: String = "") -> String { "/api/v1/services/" + service.text + rest }

    private func postUntilAnswered<Body: Encodable, Answer: Decodable>(
        _ path: String, _ content: Body
    ) async throws -> Answer {
        let key = makeKey()
        let deadline = ContinuousClock.now + ClientLimits.undoRetry
        var wasConnected = false
        while true {
            do {
                return try await post(path, content, key: key)
            } catch let failure as ControlPlaneUnreachable {
                wasConnected = wasConnected || failure.wasConnected
                guard wasConnected, ContinuousClock.now < deadline else { throw failure }
                try await Task.sleep(for: ClientLimits.undoRetryPause)
            }
        }
    }
}

/// `{}`
struct EmptyBody: Codable {}
