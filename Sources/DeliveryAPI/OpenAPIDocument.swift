/// The API's description, OpenAPI 3.1, made from one table of routes.
public enum OpenAPIDocument {
    /// One route: what it is for, what goes in, what comes out.
    public struct Route: Sendable {
        public let method: String
        public let path: String
        public let summary: String
        public let query: [String]
        public let body: String?
        public let answer: String
        public let status: Int
        public let isOpen: Bool

        init(
            _ method: String, _ path: String, _ summary: String, query: [String] = [], body: String? = nil,
            answer: String, status: Int = 200, isOpen: Bool = false
        ) {
            self.method = method
            self.path = path
            self.summary = summary
            self.query = query
            self.body = body
            self.answer = answer
            self.status = status
            self.isOpen = isOpen
        }
    }

    private static let service = "/api/v1/services/{service}"

    public static let routes: [Route] = base + delivery

    private static let base: [Route] = [
        Route("get", "/healthz", "The process lives.", answer: "text/plain", isOpen: true),
        Route("get", "/readyz", "Router and instances can be reached.", answer: "application/json", isOpen: true),
        Route("get", "/metrics", "Prometheus text format.", answer: "text/plain", isOpen: true),
        Route("get", "/api/v1/openapi.json", "This document.", answer: "application/json", isOpen: true),
        Route("head", "/api/v1/blobs/{digest}", "Whether a blob is stored.", answer: ""),
        Route(
            "put", "/api/v1/blobs/{digest}", "Stores a blob; its bytes must have that digest.",
            body: "application/octet-stream", answer: "", status: 201),
        Route("get", "/api/v1/services", "Every service as it is now.", answer: "ServiceList"),
        Route("get", service, "One service as it is now.", answer: "ServiceStatus"),
        Route(
            "post", service + "/deploys", "Begins or queues the rollout of a release.", body: "DeployRequest",
            answer: "DeployAccepted", status: 202),
        Route(
            "post", service + "/undo", "Traffic back to the last good release.", body: "UndoRequest",
            answer: "UndoResult"),
        Route("post", service + "/redo", "Forward again after an undo.", body: "UndoRequest", answer: "UndoResult"),
        Route("post", service + "/drill", "An undo practised on live traffic.", answer: "DrillResult"),
        Route("post", service + "/rollout/pause", "Stays at the share it has.", answer: "RolloutActionResult"),
        Route("post", service + "/rollout/resume", "Goes on after a pause.", answer: "RolloutActionResult"),
        Route("post", service + "/rollout/promote", "Everybody gets the candidate now.", answer: "RolloutActionResult"),
        Route(
            "post", service + "/rollout/abort",
            "Ends the rollout; the baseline "
                + "serves.", answer: "RolloutActionResult"),
        Route(
            "post", service + "/traffic/pause", "Requests wait, for a bounded time.", body: "TrafficHoldRequest",
            answer: "TrafficHoldResult"),
        Route(
            "post", service + "/traffic/stop", "Requests get 503 and a page.", body: "TrafficHoldRequest",
            answer: "TrafficHoldResult"),
        Route("post", service + "/traffic/resume", "Requests go on.", answer: "TrafficHoldResult"),
        Route("get", service + "/releases", "Known releases, newest first.", answer: "ReleaseList"),
        Route("get", service + "/history", "Rollouts, newest first.", query: ["limit"], answer: "RolloutHistory"),
        Route(
            "get", service + "/forecast",
            "What the judge can tell with the traffic there is: how long, at what cost.", answer: "JudgeForecast"),
        Route(
            "get", service + "/ticks", "Recorded evidence of a rollout, a line a tick.", query: ["rollout"],
            answer: "application/jsonl"),
        Route(
            "get", service + "/logs", "Output of instances, a line each.", query: ["release", "tail", "follow"],
            answer: "application/jsonl"),
        Route(
            "get", "/api/v1/prometheus/targets",
            "Instances that serve, with service, release and commit, for Prometheus' HTTP service discovery.",
            answer: "application/json"),
        Route(
            "get", "/api/v1/journal", "Journal entries, oldest first; with `before` the newest before that one.",
            query: ["after", "before", "limit", "service"],
            answer: "JournalPage"),
        Route("get", "/api/v1/journal/verify", "Checks the hash chain of the whole journal.", answer: "JournalCheck"),
        Route(
            "get", "/api/v1/events", "Journal entries as server-sent events; resumes with Last-Event-ID.",
            query: ["service"], answer: "text/event-stream"),
    ]

    /// The document as JSON.
    public static let text: String = {
        var paths: [(String, [String])] = []
        for route in routes {
            if let index = paths.firstIndex(where: { $0.0 == route.path }) {
                paths[index].1.append(operation(route))
            } else {
                paths.append((route.path, [operation(route)]))
            }
        }
        let body = paths.map { "\"\($0.0)\":{\($0.1.joined(separator: ","))}" }.joined(separator: ",")
        return """
            {"openapi":"3.1.0","info":{"title":"Nonevent","version":"1","description":"Deployment as a non-event."},\
            "security":[{"bearer":[]}],"paths":{\(body)},\
            "components":{"securitySchemes":{"bearer":{"type":"http","scheme":"bearer"}},\
            "schemas":{\(OpenAPISchemas.text)}}}
            """
    }()

    private static func operation(_ route: Route) -> String {
        var parameters = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            "{\"name\":\"\(part.dropFirst().dropLast())\",\"in\":\"path\",\"required\":true,"
                + "\"schema\":{\"type\":\"string\"}}"
        }
        parameters += route.query.map { "{\"name\":\"\($0)\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}}" }
        if route.method == "post" {
            parameters.append(
                "{\"name\":\"Idempotency-Key\",\"in\":\"header\","
                    + "\"schema\":{\"type\":\"string\",\"maxLength\":200}}")
        }
        var fields = [
            "\"summary\":\"\(route.summary)\"", "\"operationId\":\"\(identifier(route))\"",
            "\"parameters\":[\(parameters.joined(separator: ","))]",
        ]
        if let body = route.body { fields.append("\"requestBody\":{\"content\":\(content(body))}") }
        if route.isOpen { fields.append("\"security\":[]") }
        let answer = route.answer.isEmpty ? "" : ",\"content\":\(content(route.answer))"
        fields.append(
            "\"responses\":{\"\(route.status)\":{\"description\":\"\(route.summary)\"\(answer)},"
                + "\"default\":{\"description\":\"A problem.\",\"content\":{\"application/problem+json\":"
                + "{\"schema\":{\"$ref\":\"#/components/schemas/ProblemDetails\"}}}}}")
        return "\"\(route.method)\":{\(fields.joined(separator: ","))}"
    }

    /// A name with a slash is a media type, one without a schema.
    private static func content(_ name: String) -> String {
        name.contains("/")
            ? "{\"\(name)\":{}}" : "{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/\(name)\"}}}"
    }

    private static func identifier(_ route: Route) -> String {
        let words = route.path.split { !$0.isLetter && !$0.isNumber }.filter { $0 != "api" && $0 != "v1" }
        return ([Substring(route.method)] + words).map(String.init).joined(separator: "-")
    }
}
