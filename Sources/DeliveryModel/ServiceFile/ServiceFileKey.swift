/// One key that a service file may have. The table of these (``ServiceFileKey/file``) drives reading, suggestions and
/// the published schema.
struct ServiceFileKey: Sendable {
    let name: String
    let required: Bool
    let value: ServiceFileValue
    /// One sentence for people, shown by editors that know the schema.
    let summary: String

    init(_ name: String, _ value: ServiceFileValue, required: Bool = false, _ summary: String) {
        self.name = name
        self.required = required
        self.value = value
        self.summary = summary
    }
}

/// What a key's value may be.
indirect enum ServiceFileValue: Sendable {
    case mapping([ServiceFileKey])
    case list(of: ServiceFileValue, count: ClosedRange<Int>)
    /// `auto`, or rising shares that end at 100 %.
    case steps
    /// Any names to any texts.
    case environment
    case text(TextForm)
    case choice([String])
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case duration(ClosedRange<Duration>)
    /// Between 0 % and 100 %, both excluded.
    case ratio

    /// What a text must look like.
    enum TextForm: Sendable {
        case serviceName
        /// Anything up to the limit, also empty.
        case free
        /// A word of the command; the first must not be empty.
        case argument
        /// Relative, staying inside the directory.
        case relativePath
        case host
        /// A path prefix of requests: no query.
        case routePath
        /// The target of a request: a path, and a query if need be.
        case requestPath
    }

    /// How a person is told what belongs here.
    var expectation: String {
        switch self {
        case .mapping(let keys): "keys and values (\(keys.map(\.name).joined(separator: ", ")))"
        case .list(let element, let count):
            count.lowerBound > 0
                ? "a list of at least \(count.lowerBound), each \(element.expectation)"
                : "a list, each entry \(element.expectation)"
        case .steps: "'auto' or a list of rising shares that ends at 100%, such as [1%, 5%, 25%, 50%, 100%]"
        case .environment: "names and their values, such as LOG_LEVEL: info"
        case .text(let form): form.expectation
        case .choice(let words): "one of " + words.joined(separator: ", ")
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "a duration from \(ServiceFileText.text(range.lowerBound)) to \(ServiceFileText.text(range.upperBound)), "
                + "such as 500ms, 30s, 10m, 1h or 7d"
        case .ratio: "per cent above 0% and below 100%, such as 99.9%"
        }
    }
}

extension ServiceFileValue.TextForm {
    var expectation: String {
        switch self {
        case .serviceName: "1 to 63 lower-case letters, digits and '-', starting and ending with a letter or digit"
        case .free: "text"
        case .argument: "text"
        case .relativePath: "a path relative to this file's directory, without '..'"
        case .host: "a host name without scheme, port, path or spaces, such as shop.example.com"
        case .routePath: "a path that begins with '/', such as /shop"
        case .requestPath: "a path that begins with '/', such as /healthz"
        }
    }

    /// The same rule as a regular expression, for the schema.
    var pattern: String? {
        switch self {
        case .serviceName: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
        case .free, .argument: nil
        case .relativePath: "^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\u0000-\\u001f\\u007f]+$"
        case .host:
            "^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
                + "(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$"
        case .routePath: "^/[^\\u0000-\\u0020\\u007f?#]*$"
        case .requestPath: "^/[^\\u0000-\\u0020\\u007f#]*$"
        }
    }
}
