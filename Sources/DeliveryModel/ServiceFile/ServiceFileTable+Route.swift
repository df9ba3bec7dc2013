extension ServiceFileKey {
    /// What stands under `route`.
    static let route = ServiceFileValue.mapping(
        [
            ServiceFileKey("hosts", .list(of: .text(.host), count: 0...100), "Host names; any when there are none."),
            ServiceFileKey(
                "paths", .list(of: .text(.routePath), count: 0...100), "Path prefixes; any when there are none."),
            ServiceFileKey(
                "preview", .choice(PreviewPolicy.allCases.map(\.rawValue)),
                "Who may name a release by header or cookie; default loopback."),
            ServiceFileKey("previewFrom", addressRanges, "Addresses from which anybody may, too."),
            ServiceFileKey(
                "protocol", .choice(InstanceProtocol.allCases.map(\.rawValue)),
                "What instances speak; h2c is HTTP/2 without TLS, as gRPC needs; default http1."),
            ServiceFileKey("sticky", sticky, "By what a person is known and kept at one release; default a cookie."),
            ServiceFileKey(
                "rules", .list(of: rule, count: 0...TrafficBounds.rules),
                "Sends certain requests to one release, before the split; the first that applies wins."),
            ServiceFileKey(
                "rescue", rescue, "The baseline answers what the candidate fails to; default on."),
            ServiceFileKey("health", health, "Which instances get requests."),
            ServiceFileKey("mirror", mirror, "Copies of requests to the candidate before it gets traffic."),
            ServiceFileKey("timeouts", timeouts, "Longest waits for instances; the router's own when left out."),
            ServiceFileKey(
                "tls",
                .mapping([
                    ServiceFileKey(
                        "certificate", .text(.routerFile), required: true,
                        "PEM file: the certificate, then those that lead to the root."),
                    ServiceFileKey("key", .text(.routerFile), required: true, "PEM file with the private key."),
                ]), "The certificate for the hosts."),
        ],
        [
            .unless(
                "previewFrom", when: "preview", is: PreviewPolicy.anyone.rawValue,
                why: "no 'previewFrom': anyone may preview already"),
            .filled("hosts", by: "tls", why: "the names of the certificate in hosts"),
        ])

    private static let addressRanges = ServiceFileValue.list(
        of: .text(.addressRange), count: 0...TrafficBounds.ranges)
    private static let methods = ServiceFileValue.list(
        of: .choice(RequestMethods.all), count: 1...RequestMethods.all.count)

    private static let sticky = ServiceFileValue.mapping(
        [
            ServiceFileKey(
                "by", .choice(StickyPolicy.Means.allCases.map(\.rawValue)), required: true,
                "A cookie that the router sets, or the value of a header that clients send."),
            ServiceFileKey("header", .text(.headerName), "Name of the header."),
        ],
        [
            .needed("header", when: "by", is: StickyPolicy.Means.header.rawValue),
            .only(
                "header", when: "by", is: StickyPolicy.Means.header.rawValue,
                why: "no 'header': only with by: header it has a meaning"),
        ])

    private static let rule = ServiceFileValue.mapping(
        [
            ServiceFileKey("name", .text(.parameterName), "For people and logs."),
            ServiceFileKey("header", condition(.headerName), "A header of the request."),
            ServiceFileKey("cookie", condition(.cookieName), "A cookie of the request."),
            ServiceFileKey("query", condition(.parameterName), "A parameter of the request's query."),
            ServiceFileKey("method", methods, "One of these methods."),
            ServiceFileKey("pathPrefix", .text(.routePath), "How the path begins, at a segment border."),
            ServiceFileKey("pathRegex", .text(.pattern), "Found anywhere in the path; ^ and $ anchor it."),
            ServiceFileKey(
                "source", .list(of: .text(.addressRange), count: 1...TrafficBounds.ranges),
                "Addresses of clients."),
            ServiceFileKey(
                "release", .text(.releaseSelector), required: true,
                "Where the requests go: candidate, baseline, or a commit or digest."),
            ServiceFileKey(
                "counted", .toggle, "Whether the requests count for the judge; no split sent them; default off."),
        ],
        [
            .some(
                of: ["header", "cookie", "query", "method", "pathPrefix", "pathRegex", "source"],
                what: "a condition")
        ])

    private static func condition(_ name: ServiceFileValue.TextForm) -> ServiceFileValue {
        .mapping(
            [
                ServiceFileKey("name", .text(name), required: true, "Its name."),
                ServiceFileKey("equals", .text(.comparedValue), "Its whole value."),
                ServiceFileKey("prefix", .text(.comparedValue), "How its value begins."),
                ServiceFileKey("regex", .text(.pattern), "Found anywhere in its value; ^ and $ anchor it."),
                ServiceFileKey("present", .toggle, "Whether the request has it, whatever its value."),
            ], [.one(of: ["equals", "prefix", "regex", "present"])])
    }

    private static let rescue = ServiceFileValue.toggleOr([
        ServiceFileKey(
            "deadline", .duration(TrafficBounds.rescueDeadline),
            "Longest wait for the candidate's answer to begin; default 1s."),
        ServiceFileKey(
            "maxBody", .size(TrafficBounds.keptBodyBytes), "Longest body kept to be sent again; default 64KiB."),
        ServiceFileKey(
            "budget", .share(.none ... .all), "Part of the candidate's requests that may be rescued; default 20%."),
    ])

    private static let timeouts = ServiceFileValue.mapping([
        ServiceFileKey("connect", .duration(TrafficBounds.upstreamTime), "To connect."),
        ServiceFileKey("response", .duration(TrafficBounds.upstreamTime), "For an answer to begin."),
        ServiceFileKey("stream", .duration(TrafficBounds.upstreamTime), "Between two parts of an answer."),
    ])

    private static let mirror = ServiceFileValue.mapping([
        ServiceFileKey(
            "share", .share(Share(clamping: 1) ... .all), required: true, "Part of requests that are mirrored."),
        ServiceFileKey(
            "for", .duration(.zero...(.seconds(604_800))), "How long, before the first traffic; default 5m."),
        ServiceFileKey(
            "methods", methods,
            "Default GET, HEAD, OPTIONS; others change things twice."),
        ServiceFileKey(
            "maxBody", .size(TrafficBounds.keptBodyBytes),
            "Requests with a longer body are not mirrored; default 64KiB."),
        ServiceFileKey(
            "compare",
            .toggleOr([
                ServiceFileKey("status", .toggle, "Default on."),
                ServiceFileKey(
                    "headers", .list(of: .text(.headerName), count: 0...TrafficBounds.comparedFields),
                    "Names of headers to compare; default none."),
                ServiceFileKey("json", .toggle, "Bodies in JSON, field by field; default on."),
                ServiceFileKey(
                    "ignore", .list(of: .text(.jsonPointer), count: 0...TrafficBounds.comparedFields),
                    "JSON pointers of fields that are left out."),
                ServiceFileKey(
                    "noise", .share(.none ... .all),
                    "Part of the compared requests that the baseline gets once more; default 25%."),
            ]), "What of the two answers is compared; default on."),
    ])
}
