/// One key that a service file may have. The table of these (``ServiceFileKey/file``) drives reading, suggestions and
/// the published schema.
struct ServiceFileKey: Sendable {
    let name: String
    let required: Bool
    let value: ServiceFileValue
    /// One sentence for people, shown by editors that know the schema.
    let summary: String

    /// `false` for a key that is known only so that its refusal can be explained.
    var isAllowed: Bool {
        if case .refused = value { false } else { true }
    }

    init(_ name: String, _ value: ServiceFileValue, required: Bool = false, _ summary: String) {
        self.name = name
        self.required = required
        self.value = value
        self.summary = summary
    }
}

/// What a key's value may be.
indirect enum ServiceFileValue: Sendable {
    case mapping([ServiceFileKey], [ServiceFileRelation] = [])
    case list(of: ServiceFileValue, count: ClosedRange<Int>)
    /// `auto`, or rising shares that end at 100 %.
    case steps
    /// Names that the author chooses, each with a value.
    case names(NameForm, to: ServiceFileValue, atMost: Int)
    /// `on` or `off`; YAML 1.1 reads these as truth values, so `true` and `false` are the same.
    case toggle
    /// ``toggle``, or a mapping, which also means on.
    case toggleOr([ServiceFileKey], [ServiceFileRelation] = [])
    case text(TextForm)
    /// A text, or a list of words.
    case textOrWords(TextForm, count: ClosedRange<Int>)
    case choice([String])
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    /// A number between 0 and 1, both excluded.
    case fraction
    case duration(ClosedRange<Duration>)
    /// Between 0 % and 100 %, both excluded.
    case ratio(example: String)
    /// Per cent with at most two decimals.
    case share(ClosedRange<Share>)
    /// Bytes, with a binary unit.
    case size(ClosedRange<Int>)
    /// Has a meaning elsewhere, but not here, for the reason given.
    case refused(String)

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
        /// On the control plane's machine.
        case absolutePath
        /// `http` or `https`, without credentials and query.
        case serverURL
        /// For basic authentication.
        case userName
        /// A question to any source of metrics.
        case query
        /// A question to a Prometheus server, different for each release.
        case promQL
        /// One metric of an instance's own endpoint.
        case metricSelector
        /// A file on the router's machine.
        case routerFile
        /// A file on the router's machine, or `-` for its standard output.
        case logFile
        /// IP addresses: `10.0.0.0/8`.
        case addressRange
        case headerName, cookieName, parameterName
        /// What a header, cookie or parameter is compared with.
        case comparedValue
        /// A regular expression.
        case pattern
        /// `candidate`, `baseline`, or the beginning of a commit or digest.
        case releaseSelector
        /// A place in a JSON document (RFC 6901).
        case jsonPointer
        /// A name that fits into file names and URLs.
        case label
        /// A shell's commands.
        case script
        /// `NAME=value`, or `NAME` alone.
        case stageVariable
        case secretName
        /// Files by pattern, staying inside the directory.
        case glob
        /// A branch of Git, without `refs/heads/`.
        case branch
        /// `Fri 16:00` or `2026-12-24 00:00`.
        case freezeMoment
        /// Of the IANA time zone database.
        case zone
        /// A sentence for people.
        case reason
    }

    /// What names chosen by the author must look like.
    enum NameForm: Sendable {
        case variable, metric, group
    }
}
