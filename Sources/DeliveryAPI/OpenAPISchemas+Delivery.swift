extension OpenAPISchemas {
    static let deliveryFields: [(String, [(String, String)])] = [
        (
            "RepositoryRequest",
            [
                ("name", "string"), ("url", "string"), ("pollSeconds?", "number"), ("webhookSecret?", "string"),
                ("status?", "#CommitStatusSetting"),
            ]
        ),
        (
            "CommitStatusSetting",
            [("forge", "string"), ("url", "string"), ("project", "string"), ("tokenSecret", "string")]
        ),
        (
            "RepositoryStatus",
            [
                ("name", "string"), ("url", "string"), ("pollSeconds", "number"), ("webhookSecret", "string"),
                ("status?", "#CommitStatusSetting"), ("heads", "object"), ("services", "[]string"),
                ("lookedAt?", "string"), ("problem?", "string"),
            ]
        ),
        ("RepositoryList", [("repositories", "[]#RepositoryStatus")]),
        (
            "TriggerRequest",
            [("branch?", "string"), ("commit?", "string"), ("again?", "boolean"), ("waitSeconds?", "number")]
        ),
        (
            "TriggerResult",
            [("repository", "string"), ("outcome", "string"), ("runs", "[]string"), ("message", "string")]
        ),
        (
            "PipelineRunStatus",
            [
                ("id", "string"), ("service", "string"), ("repository", "string"), ("branch", "string"),
                ("commit", "string"), ("state", "string"), ("deploys", "boolean"), ("actor", "string"),
                ("startedAt", "string"), ("endedAt?", "string"), ("release?", "string"), ("failedStage?", "string"),
                ("why", "string"), ("stages", "[]#PipelineStageStatus"), ("commits", "[]#PipelineCommit"),
            ]
        ),
        ("PipelineCommit", [("commit", "string"), ("subject", "string"), ("author", "string")]),
        (
            "PipelineStageStatus",
            [
                ("name", "string"), ("state", "string"), ("attempts", "integer"), ("seconds?", "number"),
                ("reason?", "string"), ("tests?", "object"),
            ]
        ),
        ("PipelineRunList", [("runs", "[]#PipelineRunStatus")]),
        ("PipelineActionResult", [("changed", "boolean"), ("run", "#PipelineRunStatus")]),
        ("RunDeployRequest", [("fix?", "boolean")]),
        (
            "PipelineStatistics",
            [
                ("service", "string"), ("runs", "integer"), ("stages", "[]object"),
                ("expectedFeedbackSeconds?", "number"), ("proposedOrder", "[]string"),
                ("proposedFeedbackSeconds?", "number"), ("advice", "string"), ("flakyTests", "[]object"),
            ]
        ),
        (
            "QueueStatus",
            [("running", "[]object"), ("waiting", "[]#WaitingDeployStatus"), ("holds", "[]#DeployHoldStatus")]
        ),
        (
            "WaitingDeployStatus",
            [
                ("position", "integer"), ("service", "string"), ("release", "string"), ("commit", "string"),
                ("commits", "[]#PipelineCommit"), ("priority", "string"), ("run?", "string"), ("actor", "string"),
                ("since", "string"), ("waitsFor", "[]string"), ("forecastSeconds?", "number"),
            ]
        ),
        ("DeployHoldStatus", [("service?", "string"), ("reason", "string"), ("by", "string"), ("since", "string")]),
        ("QueueMoveRequest", [("to", "integer")]),
        ("QueueActionResult", [("changed", "boolean"), ("queue", "#QueueStatus")]),
        ("DeployHoldRequest", [("service?", "string"), ("reason?", "string")]),
        ("DeployHoldResult", [("changed", "boolean"), ("holds", "[]#DeployHoldStatus")]),
    ]
}
