extension RouteTableSchema {
    static let rescue: [Key] = [
        Key("enabled", flag, "Default true."),
        Key("methods", methods, "Default GET, HEAD, OPTIONS; with an Idempotency-Key, any."),
        Key("deadline", seconds(TrafficBounds.rescueDeadline), "Longest wait for an answer to begin; default 1."),
        Key("maxBodyBytes", whole(TrafficBounds.keptBodyBytes), "Longest body that is sent again; default 65536."),
        Key("budgetBasisPoints", share, "Part of the candidate's requests that may be rescued; default 2000."),
        Key("minimumPerSecond", whole(TrafficBounds.rescuesPerSecond), "Never forbidden by the budget; default 10."),
    ]

    static let hold: [Key] = [
        Key(
            "mode", choice(TrafficHold.Mode.allCases.map(\.rawValue)), required: true,
            "pause lets requests wait, stop answers them with the page."),
        Key("maxRequests", whole(TrafficBounds.waitingRequests), "That wait at once; default 1000."),
        Key("maxWait", seconds(TrafficBounds.holdWait), "Default 30."),
        Key("retryAfter", seconds(TrafficBounds.retryAfter), "For Retry-After; default 5."),
        Key("page", [("type", .text("string")), ("maxLength", .raw("\(TrafficBounds.pageBytes)"))], "Text or HTML."),
        Key("contentType", text("^[ -~]{0,255}$"), "Of the page; found out when empty."),
        Key("reason", anyText, "For people."),
        Key("by", anyText, "For people."),
        Key("since", anyText, "For people: RFC 3339."),
    ]

    static let health: [Key] = [
        Key("active", object(activeHealth), "Requests of the router's own."),
        Key("passive", object(passiveHealth), "What people's requests show."),
        Key("slowStart", seconds(TrafficBounds.slowStart), "Time to an instance's full part; default 0."),
        Key("panicBasisPoints", share, "With fewer instances well than this part, all are used; default 5000."),
    ]

    private static let activeHealth: [Key] = [
        Key("path", text("^(/[^\\u0000-\\u0020\\u007f]*)?$"), "For releases without healthPath; empty: none."),
        Key("interval", seconds(TrafficBounds.checkInterval), "Default 1."),
        Key("timeout", seconds(TrafficBounds.checkTimeout), "Default 2."),
        Key("jitterBasisPoints", share, "Part by which intervals differ; default 1000."),
        Key("healthyAfter", whole(TrafficBounds.checksInARow), "Good checks in a row; default 1."),
        Key("unhealthyAfter", whole(TrafficBounds.checksInARow), "Failed checks in a row; default 2."),
    ]

    private static let passiveHealth: [Key] = [
        Key("consecutiveFailures", whole(TrafficBounds.failuresInARow), "0 is never; default 5."),
        Key("errorShareBasisPoints", share, "0 is never; default 5000."),
        Key("minimumRequests", whole(TrafficBounds.minimumRequests), "Below it the share says nothing; default 20."),
        Key("window", seconds(TrafficBounds.ejection), "In which failures are counted; default 10."),
        Key("ejectFor", seconds(TrafficBounds.ejection), "At first; default 10."),
        Key("maxEjectFor", seconds(TrafficBounds.ejection), "At most; default 300."),
    ]

    static let mirror: [Key] = [
        Key("to", text("^(sha256:)?[0-9a-f]{64}$"), required: true, "A release of the service with share 0."),
        Key("shareBasisPoints", share, "Default 10000."),
        Key("methods", methods, "Default GET, HEAD, OPTIONS."),
        Key("maxBodyBytes", whole(TrafficBounds.keptBodyBytes), "Default 65536."),
        Key("maxQueued", whole(TrafficBounds.mirrorQueue), "Copies under way per event loop; default 100."),
        Key("compare", orNull(object(compare)), "Left out: answers are thrown away."),
    ]

    private static let compare: [Key] = [
        Key("status", flag, "Default true."),
        Key("headers", list(text(.headerName), atMost: TrafficBounds.comparedFields), "Default none."),
        Key("json", flag, "Default true."),
        Key(
            "ignore", list(text(.jsonPointer), atMost: TrafficBounds.comparedFields),
            "JSON pointers; * for any one name or index."),
        Key("noiseShareBasisPoints", share, "Part that the baseline gets once more; default 2500."),
        Key("maxBodyBytes", whole(TrafficBounds.comparedBytes), "Longer bodies are not compared; default 262144."),
    ]

    static let timeouts: [Key] = [
        Key("connect", seconds(TrafficBounds.upstreamTime), "To connect."),
        Key("response", seconds(TrafficBounds.upstreamTime), "For an answer to begin."),
        Key("stream", seconds(TrafficBounds.upstreamTime), "Between two parts of an answer."),
    ]
}
