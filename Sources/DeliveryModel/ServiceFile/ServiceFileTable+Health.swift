extension ServiceFileKey {
    /// What stands under `route.health`.
    static let health = ServiceFileValue.mapping([
        ServiceFileKey("active", .mapping(activeHealth), "Requests of the router's own."),
        ServiceFileKey(
            "passive", .toggleOr(passiveHealth, [.ordered("ejectFor", "maxEjectFor")]),
            "Instances that fail people's requests are left out for a while; default on."),
        ServiceFileKey(
            "slowStart", .duration(TrafficBounds.slowStart),
            "Time in which a new instance comes to its full part; default 0s."),
        ServiceFileKey(
            "panic", .share(.none ... .all),
            "With a smaller part of the instances well than this, all are used; default 50%."),
    ])

    private static let activeHealth: [ServiceFileKey] = [
        ServiceFileKey("path", .text(.requestPath), "2xx is well; default run.ready.path."),
        ServiceFileKey("interval", .duration(TrafficBounds.checkInterval), "Time between two checks; default 1s."),
        ServiceFileKey("timeout", .duration(TrafficBounds.checkTimeout), "Longest wait for an answer; default 2s."),
        ServiceFileKey(
            "jitter", .share(.none ... .all), "Part by which intervals differ, so that checks spread; default 10%."),
        ServiceFileKey(
            "healthyAfter", .integer(TrafficBounds.checksInARow), "Good checks in a row until well again; default 1."),
        ServiceFileKey(
            "unhealthyAfter", .integer(TrafficBounds.checksInARow), "Failed checks in a row until ill; default 2."),
    ]

    private static let passiveHealth: [ServiceFileKey] = [
        ServiceFileKey(
            "consecutiveFailures", .integer(TrafficBounds.failuresInARow),
            "Failures in a row until left out; 0 is never; default 5."),
        ServiceFileKey(
            "errorShare", .share(.none ... .all), "Part of failures until left out; 0% is never; default 50%."),
        ServiceFileKey(
            "minimumRequests", .integer(TrafficBounds.minimumRequests),
            "Requests below which the part of failures says nothing; default 20."),
        ServiceFileKey("window", .duration(TrafficBounds.ejection), "Time in which failures are counted; default 10s."),
        ServiceFileKey("ejectFor", .duration(TrafficBounds.ejection), "How long left out at first; default 10s."),
        ServiceFileKey("maxEjectFor", .duration(TrafficBounds.ejection), "How long at most; default 5m."),
    ]
}
