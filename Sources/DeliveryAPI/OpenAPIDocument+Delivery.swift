extension OpenAPIDocument {
    private static let repository = "/api/v1/repositories/{repository}"
    private static let run = "/api/v1/pipelines/{run}"
    private static let queue = "/api/v1/queue"

    /// Repositories, pipelines, the deploy queue and its holds.
    static let delivery: [Route] = [
        Route("get", "/api/v1/repositories", "Repositories whose commits are built.", answer: "RepositoryList"),
        Route(
            "post", "/api/v1/repositories", "Adds a repository, or changes one.", body: "RepositoryRequest",
            answer: "RepositoryStatus"),
        Route("delete", repository, "Forgets a repository; its runs stay.", answer: "RepositoryList"),
        Route(
            "post", repository + "/trigger", "Something was pushed: looks for new commits now.",
            body: "TriggerRequest", answer: "TriggerResult", status: 202),
        Route(
            "post", "/api/v1/webhooks/{forge}/{repository}",
            "A push, told by github, gitlab or gitea; signed instead of a token.", body: "application/json",
            answer: "TriggerResult", status: 202, isOpen: true),
        Route(
            "get", "/api/v1/pipelines", "Pipeline runs, newest first.",
            query: ["service", "repository", "branch", "limit"], answer: "PipelineRunList"),
        Route("get", run, "One pipeline run with its stages.", answer: "PipelineRunStatus"),
        Route(
            "get", run + "/logs", "Output of its stages, a line each.", query: ["stage", "follow"],
            answer: "application/jsonl"),
        Route("post", run + "/cancel", "Stops a pipeline run.", answer: "PipelineActionResult"),
        Route("post", run + "/again", "Runs the same commit once more.", answer: "PipelineActionResult", status: 202),
        Route(
            "post", run + "/deploy", "Deploys what a run made, of any branch.", body: "RunDeployRequest",
            answer: "DeployAccepted", status: 202),
        Route(
            "get", "/api/v1/services/{service}/pipeline/stats",
            "How often stages fail and how long they take, a better order, flaky tests.",
            answer: "PipelineStatistics"),
        Route("get", queue, "Deploys that run and wait, and what they wait for.", answer: "QueueStatus"),
        Route(
            "post", queue + "/{service}/move", "Gives a waiting deploy another place.", body: "QueueMoveRequest",
            answer: "QueueActionResult"),
        Route("post", queue + "/{service}/drop", "Takes a waiting deploy out.", answer: "QueueActionResult"),
        Route(
            "post", "/api/v1/holds", "Deploys of one service, or of all, wait.", body: "DeployHoldRequest",
            answer: "DeployHoldResult"),
        Route(
            "post", "/api/v1/holds/release", "Ends such a hold.", body: "DeployHoldRequest",
            answer: "DeployHoldResult"),
    ]
}
