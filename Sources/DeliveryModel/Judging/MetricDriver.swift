/// Asks metrics systems. Fulfilled in `DeploymentDrivers`; knows nothing of rollouts.
public protocol MetricDriver: Sendable {
    /// A count's running total for one release at this moment; falls only when what counts was restarted.
    ///
    /// - Throws: `MetricError` when there is not exactly one finite number.
    func total(_ metric: MetricSpecification, of subject: MetricSubject) async throws -> Double

    /// A gauge's samples for one release between two moments, oldest first; at least one. Of instances that are asked
    /// themselves, one sample each at this moment.
    ///
    /// - Throws: `MetricError` when there is none.
    func samples(_ metric: MetricSpecification, of subject: MetricSubject, from: Timestamp, to: Timestamp)
        async throws -> [Double]
}

/// Whose metrics are asked for.
public struct MetricSubject: Sendable, Equatable {
    public var service: ServiceName
    public var release: ReleaseDigest
    public var commit: String
    /// Where the release's instances listen on 127.0.0.1.
    public var ports: [Int]
    public var prometheus: PrometheusSpecification?

    public init(
        service: ServiceName, release: ReleaseDigest, commit: String, ports: [Int],
        prometheus: PrometheusSpecification?
    ) {
        self.service = service
        self.release = release
        self.commit = commit
        self.ports = ports
        self.prometheus = prometheus
    }
}

/// Why a metric gave no number, in words for a person.
public struct MetricError: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String
    /// The question was understood, and there is no such metric.
    public var isNothing: Bool

    public init(_ description: String, isNothing: Bool = false) {
        self.description = description
        self.isNothing = isNothing
    }
}
