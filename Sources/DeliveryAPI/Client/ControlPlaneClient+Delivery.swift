public import DeliveryModel
import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

extension ControlPlaneClient {
    /// `GET /api/v1/repositories`.
    public func repositories() async throws -> RepositoryList { try await get("/api/v1/repositories") }

    /// `POST /api/v1/repositories`: adds one, or changes the one of that name.
    public func addRepository(_ wish: RepositoryRequest) async throws -> RepositoryStatus {
        try await post("/api/v1/repositories", wish, key: makeKey())
    }

    /// `DELETE /api/v1/repositories/{repository}`.
    public func removeRepository(_ name: String) async throws -> RepositoryList {
        let path = "/api/v1/repositories/" + URLText.encode(name)
        let response = try await execute(request(.DELETE, path), within: ClientLimits.answer)
        return try decode(try await body(of: response), from: path)
    }

    /// `POST .../trigger`: new commits are looked for now.
    /// - Parameter limit: the longest wait for an answer.
    public func trigger(
        _ repository: String, _ wish: TriggerRequest, within limit: Duration = .seconds(90)
    ) async throws -> TriggerResult {
        try await post(
            "/api/v1/repositories/" + URLText.encode(repository) + "/trigger", wish, key: makeKey(),
            within: .nanoseconds(Int64(limit.inSeconds * 1e9)))
    }

    /// `GET /api/v1/pipelines`, newest first.
    public func pipelineRuns(
        service: ServiceName? = nil, repository: String? = nil, branch: String? = nil, limit: Int? = nil
    ) async throws -> PipelineRunList {
        try await get(
            "/api/v1/pipelines",
            query: [
                ("service", service?.text), ("repository", repository), ("branch", branch),
                ("limit", limit.map(String.init)),
            ])
    }

    /// `GET /api/v1/pipelines/{run}`.
    public func pipelineRun(_ id: String) async throws -> PipelineRunStatus { try await get(path(run: id)) }

    /// `GET /api/v1/pipelines/{run}/logs`: lines as JSON; with `follow` until the run has ended.
    public func pipelineLogs(_ id: String, stage: String? = nil, follow: Bool = false) async throws -> LineStream {
        let query = [("stage", stage), ("follow", follow ? "true" : nil)]
        return try await lines(
            request(.GET, path(run: id) + "/logs", query: query), within: follow ? nil : ClientLimits.answer)
    }

    /// `POST /api/v1/pipelines/{run}/cancel`.
    public func cancelPipeline(_ id: String) async throws -> PipelineActionResult {
        try await post(path(run: id) + "/cancel", EmptyBody(), key: makeKey())
    }

    /// `POST /api/v1/pipelines/{run}/again`.
    public func runPipelineAgain(_ id: String) async throws -> PipelineActionResult {
        try await post(path(run: id) + "/again", EmptyBody(), key: makeKey())
    }

    /// `POST /api/v1/pipelines/{run}/deploy`.
    public func deploy(run id: String, fix: Bool) async throws -> DeployAccepted {
        try await post(
            path(run: id) + "/deploy", RunDeployRequest(fix: fix ? true : nil), key: makeKey(),
            within: ClientLimits.upload)
    }

    /// `GET /api/v1/services/{service}/pipeline/stats`.
    public func pipelineStatistics(_ service: ServiceName) async throws -> PipelineStatistics {
        try await get(path(service, "/pipeline/stats"))
    }

    private func path(run id: String) -> String { "/api/v1/pipelines/" + URLText.encode(id) }
}

extension ControlPlaneClient {
    /// `GET /api/v1/queue`.
    public func queue() async throws -> QueueStatus { try await get("/api/v1/queue") }

    /// `POST /api/v1/queue/{service}/move`.
    public func moveInQueue(_ service: ServiceName, to place: Int) async throws -> QueueActionResult {
        try await post("/api/v1/queue/\(service)/move", QueueMoveRequest(to: place), key: makeKey())
    }

    /// `POST /api/v1/queue/{service}/drop`.
    public func dropFromQueue(_ service: ServiceName) async throws -> QueueActionResult {
        try await post("/api/v1/queue/\(service)/drop", EmptyBody(), key: makeKey())
    }

    /// `POST /api/v1/holds`: deploys of a service, or of all (`nil`), wait.
    public func holdDeploys(_ service: ServiceName?, reason: String) async throws -> DeployHoldResult {
        try await post("/api/v1/holds", DeployHoldRequest(service: service, reason: reason), key: makeKey())
    }

    /// `POST /api/v1/holds/release`.
    public func releaseDeploys(_ service: ServiceName?) async throws -> DeployHoldResult {
        try await post("/api/v1/holds/release", DeployHoldRequest(service: service), key: makeKey())
    }
}
