extension ServiceFileKey {
    /// Every key of `nonevent.yaml`, in the order in which people write them.
    static let file: [ServiceFileKey] = [
        ServiceFileKey(
            "service", .text(.serviceName), required: true, "Name of the service; stands in URLs, files and metrics."),
        ServiceFileKey("run", .mapping(run), required: true, "How one instance is started, known ready, and stopped."),
        ServiceFileKey("artifact", .mapping(artifact), "Which files make the release."),
        ServiceFileKey("route", route, "Which requests are the service's, and how they go to releases and instances."),
        ServiceFileKey("verify", .mapping(verify), "Checks made in the dark, before any traffic."),
        ServiceFileKey("rollout", .mapping(rollout), "How traffic moves to a new release."),
        ServiceFileKey("slo", .mapping(objectives), "What users may expect; the judge works to it."),
        ServiceFileKey(
            "judge", judge, "How the judge decides, what else it watches, and what happens if it cannot tell."),
        ServiceFileKey("retention", .mapping(retention), "How many releases are kept."),
        ServiceFileKey("pipeline", pipeline, "What is done with a commit before it may be deployed."),
        ServiceFileKey("deploy", deploy, "When a green commit goes to production."),
    ]

    /// The same keys for a file of `nonevent judge --config`, which needs none of them; first those that it uses, so
    /// that they are the first to be suggested.
    static let judgeFile: [ServiceFileKey] = {
        let optional = file.map { ServiceFileKey($0.name, $0.value, $0.summary) }
        let used = ["slo", "rollout", "judge"]
        return optional.filter { used.contains($0.name) } + optional.filter { !used.contains($0.name) }
    }()

    private static let run: [ServiceFileKey] = [
        ServiceFileKey(
            "command", .list(of: .text(.argument), count: 1...ServiceFileLimits.entries), required: true,
            "Program and arguments; it must listen on 127.0.0.1:$PORT."),
        ServiceFileKey("instances", .integer(1...100), "Copies of each release; default 1."),
        ServiceFileKey(
            "environment", .names(.variable, to: .text(.free), atMost: ServiceFileLimits.entries),
            "More environment variables."),
        ServiceFileKey(
            "ready",
            .mapping([
                ServiceFileKey(
                    "path", .text(.requestPath), "Answers 2xx when the instance can serve; default /healthz."),
                ServiceFileKey(
                    "within", .duration(.milliseconds(100)...(.seconds(3600))),
                    "How long a start may take; default 20s."),
            ]), "When an instance counts as ready."),
        ServiceFileKey(
            "stop",
            .mapping([
                ServiceFileKey(
                    "grace", .duration(.zero...(.seconds(3600))), "Time from SIGTERM to SIGKILL; default 10s.")
            ]), "How an instance is stopped."),
    ]

    private static let artifact: [ServiceFileKey] = [
        ServiceFileKey(
            "include", .list(of: .text(.relativePath), count: 0...ServiceFileLimits.entries),
            "Program files; a directory ends with '/' and stands for all in it."),
        ServiceFileKey(
            "config", .list(of: .text(.relativePath), count: 0...ServiceFileLimits.entries),
            "Configuration files, part of the release: an undo brings them back."),
    ]

    private static let verify: [ServiceFileKey] = [
        ServiceFileKey(
            "smoke",
            .list(
                of: .mapping([
                    ServiceFileKey("path", .text(.requestPath), required: true, "What to request."),
                    ServiceFileKey(
                        "method", .choice(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
                        "Default GET."),
                    ServiceFileKey("status", .integer(100...599), "Status to expect; default 200."),
                    ServiceFileKey("contains", .text(.free), "Text that the body must contain."),
                    ServiceFileKey(
                        "within", .duration(.milliseconds(1)...(.seconds(600))), "Longest wait; default 5s."),
                ]), count: 0...100), "Requests made to every candidate instance.")
    ]

    private static let rollout: [ServiceFileKey] = [
        ServiceFileKey("steps", .steps, "'auto' lets the judge decide, a list is followed as written; default auto."),
        ServiceFileKey(
            "hold", .duration(.seconds(1)...(.seconds(604_800))), "Time at each step of a list; default 2m."),
        ServiceFileKey(
            "soak", .duration(.zero...(.seconds(604_800))), "Time at full share before it is done; default 1m."),
        ServiceFileKey(
            "undo",
            .mapping([
                ServiceFileKey(
                    "keepWarm", .duration(.zero...(.seconds(2_592_000))),
                    "How long the previous release stays ready; default 1h.")
            ]), "What makes an undo quick."),
    ]

    private static let objectives: [ServiceFileKey] = [
        ServiceFileKey("availability", .ratio(example: "99.9%"), "Part of requests that must be good; default 99.9%."),
        ServiceFileKey(
            "latency",
            .mapping(
                ["p50", "p90", "p99"].map { quantile in
                    ServiceFileKey(
                        quantile, .duration(.milliseconds(1)...(.seconds(600))),
                        "Longest time for \(quantile.dropFirst()) of 100 requests.")
                }), "Longest times, by quantile."),
    ]

    private static let retention: [ServiceFileKey] = [
        ServiceFileKey("releases", .integer(1...10_000), "Releases kept at least; default 10.")
    ]
}
