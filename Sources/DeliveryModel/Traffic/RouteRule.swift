/// Sends certain requests to one release, whatever the split says.
///
/// A rule applies when all of its conditions hold, and has at least one. The first rule of a service that applies wins.
/// Where its release is not in the table or has no instances, the rule is passed over.
public struct RouteRule: Sendable, Equatable, Codable {
    /// For people and logs; may be empty.
    public var name: String
    public var header: FieldCondition?
    public var cookie: FieldCondition?
    /// A parameter of the query, after percent-decoding.
    public var query: FieldCondition?
    /// Methods as they stand in the request, one of which is meant; JSON key `method`; empty: any.
    public var methods: [String]
    /// The path begins with it, at a segment border.
    public var pathPrefix: String?
    /// A regular expression that is found anywhere in the path; `^` and `$` anchor it. At most
    /// ``RoutePattern/longest`` bytes.
    public var pathRegex: String?
    /// The client's address lies in one of these; empty: any.
    public var source: [AddressRange]
    public var release: ReleaseSelector
    /// Whether the requests count for the release's measures, by which it is judged. They are not what the split sent,
    /// so that they bend a comparison.
    public var counted: Bool

    public init(
        name: String = "", header: FieldCondition? = nil, cookie: FieldCondition? = nil, query: FieldCondition? = nil,
        methods: [String] = [], pathPrefix: String? = nil, pathRegex: String? = nil, source: [AddressRange] = [],
        release: ReleaseSelector, counted: Bool = false
    ) {
        self.name = name
        self.header = header
        self.cookie = cookie
        self.query = query
        self.methods = methods
        self.pathPrefix = pathPrefix
        self.pathRegex = pathRegex
        self.source = source
        self.release = release
        self.counted = counted
    }

    private enum CodingKeys: String, CodingKey {
        case name, header, cookie, query
        case methods = "method"
        case pathPrefix, pathRegex, source, release, counted
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(release: try values.decode(ReleaseSelector.self, forKey: .release))
        name = try values.value(.name, or: name)
        header = try values.decodeIfPresent(FieldCondition.self, forKey: .header)
        cookie = try values.decodeIfPresent(FieldCondition.self, forKey: .cookie)
        query = try values.decodeIfPresent(FieldCondition.self, forKey: .query)
        methods = try values.value(.methods, or: methods)
        pathPrefix = try values.decodeIfPresent(String.self, forKey: .pathPrefix)
        pathRegex = try values.decodeIfPresent(String.self, forKey: .pathRegex)
        source = try values.value(.source, or: source)
        counted = try values.value(.counted, or: counted)
    }

    public var hasCondition: Bool {
        header != nil || cookie != nil || query != nil || !methods.isEmpty || pathPrefix != nil || pathRegex != nil
            || !source.isEmpty
    }
}

/// Which release a rule means. JSON form: a text.
public enum ReleaseSelector: Sendable, Equatable {
    case candidate, baseline
    /// By the beginning of its commit or digest, 4 to 71 characters.
    case named(String)
}

extension ReleaseSelector: Codable, CustomStringConvertible {
    public init(_ text: String) {
        switch text {
        case "candidate": self = .candidate
        case "baseline": self = .baseline
        default: self = .named(text)
        }
    }

    public var description: String {
        switch self {
        case .candidate: "candidate"
        case .baseline: "baseline"
        case .named(let text): text
        }
    }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
