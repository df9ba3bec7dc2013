/// The JSON Schema (draft 2020-12) of a route table, for those who write one by hand.
///
/// Stricter than the router in one thing: a router ignores keys that it does not know, so that newer tables work with
/// older routers; the schema refuses them, since by hand they are slips. What a schema cannot say the router alone
/// checks: sums of shares, names that stand twice, whether a regular expression is valid, and what concerns two parts
/// of a table.
public enum RouteTableSchema {
    /// Name under which the schema is published.
    public static let identifier = "https://nonevent.dev/schema/route-table.schema.json"

    /// The schema as indented JSON, keys in the order of the types.
    public static var text: String {
        let head: [(String, SchemaValue)] = [
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")), ("$id", .text(identifier)),
            ("title", .text("Nonevent route table")),
        ]
        return SchemaValue.object(head + object(table)).rendered(indentation: 0) + "\n"
    }

    private static let table: [Key] = [
        Key(
            "generation", whole(0...Int.max),
            "Rises with every change; a router refuses a table older than its own; default 1."),
        Key("services", list(object(service)), required: true, "Who gets which requests."),
        Key(
            "certificates", list(object(certificate), atMost: TrafficBounds.certificates), "What TLS clients are shown."
        ),
        Key(
            "trustedProxies", list(text(.addressRange), atMost: TrafficBounds.ranges),
            "Whose Forwarded, X-Forwarded-* and PROXY protocol are believed; default this machine's."),
        Key("limits", object(limits), "The router's own where left out; times in seconds."),
        Key("accessLog", orNull(object(accessLog)), "None when left out."),
    ]

    private static let certificate: [Key] = [
        Key(
            "hosts", list(text("^(\\*\\.)?[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?$")),
            "Names in lower case, *.example.com for one more label; empty: for all other names."),
        Key("chain", text(.routerFile), required: true, "PEM file: the certificate, then those that lead to the root."),
        Key("key", text(.routerFile), required: true, "PEM file with the private key."),
    ]

    private static let limits: [Key] =
        TrafficLimits.countFields.map { Key($0.name, whole($0.range), $0.summary) }
        + TrafficLimits.timeFields.map { Key($0.name, seconds($0.range), $0.summary) }

    private static let accessLog: [Key] = [
        Key("file", text(.logFile), "Default -: standard output."),
        Key("format", choice(AccessLog.Format.allCases.map(\.rawValue)), "Default json."),
        Key("sampleBasisPoints", share, "The part of requests that get a line; default 10000."),
    ]
}

/// What schemas of values are made of.
extension RouteTableSchema {
    typealias Members = [(String, SchemaValue)]

    struct Key: Sendable {
        let name: String
        let value: Members
        let required: Bool
        let summary: String

        init(_ name: String, _ value: Members, required: Bool = false, _ summary: String) {
            self.name = name
            self.value = value
            self.required = required
            self.summary = summary
        }
    }

    /// - Parameter relations: what the keys have to do with each other, for `allOf`.
    static func object(_ keys: [Key], _ relations: [SchemaValue] = []) -> Members {
        var members: Members = [
            ("type", .text("object")), ("additionalProperties", .raw("false")),
            ("properties", .object(keys.map { ($0.name, .object([("description", .text($0.summary))] + $0.value)) })),
        ]
        let required = keys.filter(\.required).map { SchemaValue.text($0.name) }
        if !required.isEmpty { members.append(("required", .array(required))) }
        if !relations.isEmpty { members.append(("allOf", .array(relations))) }
        return members
    }

    static func list(_ entry: Members, atMost limit: Int? = nil) -> Members {
        let bound: Members = limit.map { [("maxItems", .raw("\($0)"))] } ?? []
        return [("type", .text("array"))] + bound + [("items", .object(entry))]
    }

    static func orNull(_ members: Members) -> Members {
        [("oneOf", .array([.object([("type", .text("null"))]), .object(members)]))]
    }

    static func text(_ form: ServiceFileValue.TextForm) -> Members { text(form.pattern ?? "") }

    static func text(_ pattern: String) -> Members { [("type", .text("string")), ("pattern", .text(pattern))] }

    static let anyText: Members = [("type", .text("string"))]
    static let flag: Members = [("type", .text("boolean"))]
    static let share: Members = whole(0...10_000)

    static func choice(_ words: [String]) -> Members { [("enum", .array(words.map(SchemaValue.text)))] }

    static func whole(_ range: ClosedRange<Int>) -> Members {
        let upper: Members = range.upperBound == .max ? [] : [("maximum", .raw("\(range.upperBound)"))]
        return [("type", .text("integer")), ("minimum", .raw("\(range.lowerBound)"))] + upper
    }

    static func seconds(_ range: ClosedRange<Duration>) -> Members {
        [
            ("type", .text("number")), ("minimum", .raw("\(range.lowerBound.inSeconds)")),
            ("maximum", .raw("\(range.upperBound.inSeconds)")),
        ]
    }

    static let methods: Members = list(choice(RequestMethods.all), atMost: 100)
}
