/// A number that the judge watches beside requests: counted events or a gauge, asked of a metrics system.
public struct MetricSpecification: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A counter that only rises (orders, sign-ups): fewer are worse.
        case count
        /// A level (memory, processor time): compared by Mann-Whitney.
        case gauge
    }

    public enum Source: String, Sendable, Codable, CaseIterable {
        /// The Prometheus server of `judge.prometheus`.
        case prometheus
        /// The instances' own endpoint in Prometheus text format.
        case instances

        /// For a metric that names none.
        static func implied(hasPrometheus: Bool) -> Source { hasPrometheus ? .prometheus : .instances }
    }

    /// Which way a gauge gets worse.
    public enum Worse: String, Sendable, Codable, CaseIterable {
        case higher, lower
    }

    public var kind: Kind
    public var source: Source
    /// PromQL, in which `{{release}}`, `{{commit}}` and `{{service}}` are filled in; it must give one series. For
    /// `instances` a metric's name with label matchers: `orders_total{status="paid"}`, summed within each instance.
    public var query: String
    /// Where instances show their metrics.
    public var path: String
    /// Time between two questions.
    @InSeconds public var every: Duration
    public var worse: Worse
    /// How much worse than the baseline is tolerated, as a fraction; `nil`: 2 % for counts, 25 % for gauges.
    public var margin: Double?

    public init(
        kind: Kind, source: Source, query: String, path: String = "/metrics", every: Duration = .seconds(10),
        worse: Worse = .higher, margin: Double? = nil
    ) {
        self.kind = kind
        self.source = source
        self.query = query
        self.path = path
        self.every = every
        self.worse = worse
        self.margin = margin
    }
}

/// A Prometheus server's HTTP API. Secrets are files on the control plane's machine, never part of a release.
public struct PrometheusSpecification: Sendable, Equatable, Codable {
    /// `http://` or `https://`, without `/api/v1`.
    public var url: String
    /// Longest wait for one answer.
    @InSeconds public var timeout: Duration
    /// Tries after the first, 0 to 10.
    public var retries: Int
    /// File with a bearer token.
    public var bearerTokenFile: String?
    /// For basic authentication, with `passwordFile`.
    public var username: String?
    public var passwordFile: String?

    public init(
        url: String, timeout: Duration = .seconds(5), retries: Int = 2, bearerTokenFile: String? = nil,
        username: String? = nil, passwordFile: String? = nil
    ) {
        self.url = url
        self.timeout = timeout
        self.retries = retries
        self.bearerTokenFile = bearerTokenFile
        self.username = username
        self.passwordFile = passwordFile
    }
}
