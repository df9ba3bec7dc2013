public import AsyncHTTPClient
public import DeliveryModel
import NIOCore

/// Asks a Prometheus server, or the instances themselves, for a release's numbers.
///
/// Every question fails with words for a person unless it has exactly one finite number: a guess would be judged.
public struct MetricReader: MetricDriver {
    /// For the client of `init`: follows no redirects, which could carry credentials elsewhere, and says at once that
    /// nobody listens.
    public static var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(2)))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return configuration
    }

    private let client: HTTPClient
    private let clock: any Clock<Duration>
    private let totals: RunningTotals

    /// - Parameters:
    ///   - client: made with `clientConfiguration`; shut down by its owner. The answer of any other client that
    ///     followed a redirect is refused.
    ///   - clock: for the waits between two tries.
    ///   - now: when a question is asked; decides which releases' totals are forgotten.
    public init(
        client: HTTPClient, clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.client = client
        self.clock = clock
        totals = RunningTotals(now: now)
    }

    /// The count at this moment.
    ///
    /// From Prometheus: what the query gives, at the server's own time. From instances: the sum over all that this
    /// reader has seen, in which a restarted instance goes on from its last value, so that it never falls.
    ///
    /// - Throws: `MetricError` when there is not exactly one finite number of 0 or more, or any instance has none;
    ///   `CancellationError`.
    public func total(_ metric: MetricSpecification, of subject: MetricSubject) async throws -> Double {
        let value: Double
        switch metric.source {
        case .prometheus:
            value = try await prometheus(subject).value(try MetricQuery.filled(metric.query, for: subject))
        case .instances:
            let ticket = totals.ticket()
            let sums = try await InstanceScrape(client: client).sums(metric, of: subject)
            let counter = RunningTotals.Counter(
                service: subject.service, release: subject.release, path: metric.path, query: metric.query)
            if let negative = sums.first(where: { $0.value < 0 }) {
                throw MetricError(
                    "expected a count of 0 or more from \(metric.query) on port \(negative.port), "
                        + "found \(negative.value)")
            }
            value = totals.add(sums, to: counter, ticket: ticket)
        }
        guard value >= 0 else {
            throw MetricError("expected a count of 0 or more from \(metric.query), found \(value)")
        }
        return value
    }

    /// The gauge's samples.
    ///
    /// From Prometheus: one each `metric.every`, at most 200; points that are not finite are left out. From instances:
    /// one for each instance, at this moment; `from` and `to` mean nothing then.
    ///
    /// - Throws: `MetricError` when there is none, or any instance has none; `CancellationError`.
    public func samples(_ metric: MetricSpecification, of subject: MetricSubject, from: Timestamp, to: Timestamp)
        async throws -> [Double]
    {
        switch metric.source {
        case .prometheus:
            let query = try MetricQuery.filled(metric.query, for: subject)
            return try await prometheus(subject).points(query, from: from, to: to, every: metric.every)
        case .instances:
            return try await InstanceScrape(client: client).sums(metric, of: subject).map(\.value)
        }
    }

    private func prometheus(_ subject: MetricSubject) throws(MetricError) -> PrometheusServer {
        guard let specification = subject.prometheus else {
            throw MetricError("a metric of \(subject.service) asks Prometheus; write judge.prometheus.url")
        }
        return try PrometheusServer(specification, client: client, clock: clock)
    }
}
