extension RouteTableSchema {
    static let service: [Key] = [
        Key("name", text(.serviceName), required: true, "Each name once."),
        Key("hosts", list(text("^[^/A-Z]+$")), "Lower case, without port; empty: any host."),
        Key("paths", list(text("^/")), "Prefixes at segment borders; empty: any path."),
        Key(
            "preview", choice(PreviewPolicy.allCases.map(\.rawValue)),
            "Who may name a release by header or cookie; default loopback."),
        Key(
            "previewFrom", list(text(.addressRange), atMost: TrafficBounds.ranges), "Where anybody may, too."),
        Key("sticky", sticky, "By what a person is known and kept at one release; default a cookie."),
        Key(
            "rules", list(rule, atMost: TrafficBounds.rules), "Looked at before the split; the first that applies wins."
        ),
        Key("rescue", object(rescue), "The baseline answers what the candidate fails to; default on."),
        Key("hold", orNull(object(hold)), "Requests do not go on for now."),
        Key("health", object(health), "Which instances get requests."),
        Key("mirror", orNull(object(mirror)), "Copies of requests to a release that serves nobody."),
        Key("timeouts", object(timeouts), "The limits' where left out."),
        Key(
            "releases", list(object(release)), required: true,
            "Shares add up to 10000, or all are 0 (answered 503)."),
    ]

    private static let release: [Key] = [
        Key("digest", text("^(sha256:)?[0-9a-f]{64}$"), required: true, "Each once in a service."),
        Key("commit", anyText, "May be named by its beginning, at least 4 characters."),
        Key("shareBasisPoints", share, required: true, "The part of people that gets it."),
        Key("salt", anyText, "Not empty for the candidate: mixes who its first people are."),
        Key(
            "healthPath", text("^(/[^\\u0000-\\u0020\\u007f]*)?$"), "Empty: health.active.path of the service, or none."
        ),
        Key("protocol", choice(InstanceProtocol.allCases.map(\.rawValue)), "What instances speak; default http1."),
        Key("role", orNull(choice(ReleaseRole.allCases.map(\.rawValue))), "Left out: salt and shares say it."),
        Key("instances", list(object(instance)), required: true, "Where it runs."),
    ]

    private static let instance: [Key] = [
        Key("id", text("."), "Each once in a release; default its address."),
        Key("host", text("."), "Default 127.0.0.1."),
        Key("port", whole(1...65_535), required: true, "Where it listens."),
        Key("draining", flag, "No new requests; default false."),
    ]

    private static let sticky: Members = object(
        [
            Key("by", choice(StickyPolicy.Means.allCases.map(\.rawValue)), "Default cookie."),
            Key("header", text(.headerName), "Its value tells people apart."),
        ],
        [
            ServiceFileRelation.needed("header", when: "by", is: StickyPolicy.Means.header.rawValue).schema,
            ServiceFileRelation.unless("header", when: "by", is: StickyPolicy.Means.cookie.rawValue, why: "").schema,
        ])

    private static let rule: Members = object(
        [
            Key("name", text("^[^\\u0000-\\u001f\\u007f]{0,\(RouteText.longestName)}$"), "For people and logs."),
            Key("header", condition(.headerName), "A header of the request."),
            Key("cookie", condition(.cookieName), "A cookie of the request."),
            Key("query", condition(.parameterName), "A parameter of the request's query."),
            Key("method", methods, "One of these methods; empty: any."),
            Key("pathPrefix", text(.routePath), "How the path begins, at a segment border."),
            Key("pathRegex", text(.pattern), "Found anywhere in the path; ^ and $ anchor it."),
            Key("source", list(text(.addressRange), atMost: TrafficBounds.ranges), "Addresses of clients; empty: any."),
            Key(
                "release",
                text("^[!-~]{\(RouteText.selectorLength.lowerBound),\(RouteText.selectorLength.upperBound)}$"),
                required: true, "candidate, baseline, or the beginning of a commit or digest."),
            Key("counted", flag, "Whether the requests count for the judge; default false."),
        ],
        [
            .object([
                (
                    "anyOf",
                    .array(
                        ["header", "cookie", "query", "pathPrefix", "pathRegex"].map { written($0) }
                            + ["method", "source"].map { written($0, filled: true) })
                )
            ])
        ])

    private static func condition(_ name: ServiceFileValue.TextForm) -> Members {
        object(
            [
                Key("name", text(name), required: true, "Its name."),
                Key("equals", text(.comparedValue), "Its whole value."),
                Key("prefix", text(.comparedValue), "How its value begins."),
                Key("regex", text(.pattern), "Found anywhere in its value; ^ and $ anchor it."),
                Key("present", flag, "Whether the request has it."),
            ], [ServiceFileRelation.one(of: ["equals", "prefix", "regex", "present"]).schema])
    }

    private static func written(_ name: String, filled: Bool = false) -> SchemaValue {
        let members: Members = [("required", .array([.text(name)]))]
        guard filled else { return .object(members) }
        let least = SchemaValue.object([(name, .object([("minItems", .raw("1"))]))])
        return .object(members + [("properties", least)])
    }
}
