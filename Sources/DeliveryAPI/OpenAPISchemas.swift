/// JSON Schemas of the wire types: name, then fields with their type; `?` marks fields that may be missing.
enum OpenAPISchemas {
    private static let fields: [(String, [(String, String)])] = [
        ("DeployRequest", [("release", "string"), ("fix?", "boolean"), ("branch?", "string")]),
        (
            "DeployAccepted",
            [
                ("service", "string"), ("release", "string"), ("commit", "string"), ("outcome", "string"),
                ("rollout", "string"), ("superseded?", "string"),
                ("waitsFor?", "[]string"), ("since?", "string"),
            ]
        ),
        (
            "ServiceStatus",
            [
                ("service", "string"), ("live?", "#ReleaseStatus"), ("rollout?", "#RolloutStatus"),
                ("queued?", "object"), ("last?", "#RolloutStatus"), ("releases", "[]#ReleaseStatus"),
                ("warnings", "[]string"), ("hold?", "object"), ("mirrors", "[]object"),
            ]
        ),
        ("ServiceList", [("services", "[]#ServiceStatus")]),
        (
            "ReleaseStatus",
            [
                ("release", "string"), ("commit", "string"), ("shareBasisPoints", "integer"), ("state", "string"),
                ("createdAt", "string"), ("instances", "[]object"), ("requests", "integer"), ("bad", "integer"),
            ]
        ),
        ("ReleaseList", [("releases", "[]#ReleaseStatus")]),
        (
            "RolloutStatus",
            [
                ("id", "string"), ("service", "string"), ("candidate", "string"), ("commit", "string"),
                ("baseline?", "string"), ("phase", "string"), ("paused", "boolean"), ("shareBasisPoints", "integer"),
                ("reachedBasisPoints", "integer"), ("startedAt", "string"), ("endedAt?", "string"),
                ("nextStepInSeconds?", "number"), ("verdict?", "object"), ("why", "string"),
            ]
        ),
        ("RolloutHistory", [("rollouts", "[]#RolloutStatus")]),
        ("RolloutActionResult", [("changed", "boolean"), ("rollout", "#RolloutStatus")]),
        (
            "JudgeForecast",
            [
                ("requestsPerSecond", "number"), ("errorRate", "number"), ("phi", "number"), ("phiSource", "string"),
                ("limitSeconds", "number"), ("promotedAfterSeconds?", "number"), ("defects", "[]object"),
                ("undecided", "[]object"), ("advice", "[]string"),
            ]
        ),
        (
            "TrafficHoldRequest",
            [
                ("maxRequests?", "integer"), ("maxWaitSeconds?", "number"), ("retryAfterSeconds?", "number"),
                ("page?", "string"), ("reason?", "string"),
            ]
        ),
        ("TrafficHoldResult", [("service", "string"), ("changed", "boolean"), ("hold?", "object")]),
        ("UndoRequest", [("to?", "string")]),
        (
            "UndoResult",
            [
                ("service", "string"), ("changed", "boolean"), ("from?", "string"), ("to", "string"),
                ("toCommit", "string"), ("seconds", "number"), ("journaled", "boolean"), ("message", "string"),
            ]
        ),
        (
            "DrillResult",
            [
                ("service", "string"), ("from", "string"), ("to", "string"), ("undoSeconds", "number"),
                ("redoSeconds", "number"), ("bad", "integer"), ("requests", "integer"),
            ]
        ),
        (
            "JournalItem",
            [
                ("sequence", "integer"), ("time", "string"), ("service?", "string"), ("kind", "string"),
                ("actor", "string"), ("data", "object"), ("hash", "string"),
            ]
        ),
        ("JournalPage", [("entries", "[]#JournalItem")]),
        ("JournalCheck", [("entries", "integer"), ("head", "string"), ("problems", "[]object")]),
        (
            "ProblemDetails",
            [("code", "string"), ("type", "string"), ("title", "string"), ("status", "integer"), ("detail", "string")]
        ),
    ]

    static let text: String = (fields + deliveryFields).map { name, fields in
        let properties = fields.map { "\"\(plain($0.0))\":\(type($0.1))" }.joined(separator: ",")
        let required = fields.map(\.0).filter { !$0.hasSuffix("?") }.map { "\"\($0)\"" }.joined(separator: ",")
        return "\"\(name)\":{\"type\":\"object\",\"properties\":{\(properties)},\"required\":[\(required)]}"
    }.joined(separator: ",")

    private static func plain(_ name: String) -> String { name.hasSuffix("?") ? String(name.dropLast()) : name }

    private static func type(_ name: String) -> String {
        if name.hasPrefix("[]") { return "{\"type\":\"array\",\"items\":\(type(String(name.dropFirst(2))))}" }
        if name.hasPrefix("#") { return "{\"$ref\":\"#/components/schemas/\(name.dropFirst())\"}" }
        return "{\"type\":\"\(name)\"}"
    }
}
