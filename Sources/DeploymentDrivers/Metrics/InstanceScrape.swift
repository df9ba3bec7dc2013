import AsyncHTTPClient
import DeliveryModel
import NIOCore
import NIOHTTP1

/// Reads a metric from a release's instances, from all of them or not at all: a partial sum would lie.
struct InstanceScrape {
    /// Longest wait for one instance's text.
    static let limit = Duration.seconds(2)
    /// Instances asked at the same time: each one's text may have `ExpositionText.sizeLimit` bytes.
    static let concurrency = 8

    let client: HTTPClient

    /// For each instance the sum over its matching series, in the order of the subject's ports; finite.
    ///
    /// A counter that has counted nothing yet often does not show: an instance without it counts as 0 as long as
    /// another one has it. A gauge that is missing is an error.
    ///
    /// - Throws: `MetricError` that names the first port without such a sum; `CancellationError`.
    func sums(_ metric: MetricSpecification, of subject: MetricSubject) async throws -> [(port: Int, value: Double)] {
        let (query, path, ports) = (metric.query, metric.path, subject.ports)
        // Before anybody is asked, so that a bad question is no instance's fault.
        _ = try SeriesFilter(query, for: subject)
        guard path.hasPrefix("/") else { throw MetricError("a metric's path must begin with '/', found '\(path)'") }
        guard !ports.isEmpty else {
            throw MetricError("no instance to ask for \(query): the release has none that listens")
        }
        let found = try await found(metric, of: subject)
        var sums: [(port: Int, value: Double)] = []
        var missing: [MetricError] = []
        for (port, sum) in zip(ports, found) {
            do { sums.append((port, try sum.get())) } catch {
                let words = "cannot read \(query) from the instance on port \(port): \(error.description)"
                guard error.isNothing, metric.kind == .count else { throw MetricError(words) }
                missing.append(MetricError(words, isNothing: true))
                sums.append((port, 0))
            }
        }
        if let first = missing.first, missing.count == ports.count { throw first }
        return sums
    }

    /// The sum over the series that match; finite.
    static func sum(_ filter: SeriesFilter, _ text: [UInt8]) throws(MetricError) -> Double {
        let samples: [ExpositionText.Sample]
        do { samples = try ExpositionText.samples(text, named: filter.name) } catch {
            throw MetricError("expected Prometheus text: \(error.description)")
        }
        var sum = 0.0
        var seen: Set<[String: String]> = []
        for sample in samples where filter.matches(sample) {
            guard seen.insert(sample.labels).inserted else {
                throw MetricError("the same series of \(filter.name) is there twice")
            }
            guard sample.value.isFinite else { throw MetricError("expected finite numbers, found \(sample.value)") }
            sum += sample.value
        }
        guard !seen.isEmpty else {
            throw MetricError(
                samples.isEmpty
                    ? "it has no metric \(filter.name)"
                    : "none of its \(samples.count) series of \(filter.name) matches", isNothing: true)
        }
        guard sum.isFinite else { throw MetricError("expected a finite sum, found \(sum)") }
        return sum
    }

    /// In the order of `ports`.
    private func found(_ metric: MetricSpecification, of subject: MetricSubject) async throws
        -> [Result<Double, MetricError>]
    {
        try await withThrowingTaskGroup(of: (Int, Result<Double, MetricError>).self) { group in
            var sums: [Int: Result<Double, MetricError>] = [:]
            for (index, port) in subject.ports.enumerated() {
                if index >= Self.concurrency, let (done, sum) = try await group.next() { sums[done] = sum }
                group.addTask { (index, try await found(metric, of: subject, on: port)) }
            }
            for try await (index, sum) in group { sums[index] = sum }
            return subject.ports.indices.compactMap { sums[$0] }
        }
    }

    /// Sums up at once, so that no text is kept while others are still asked.
    private func found(_ metric: MetricSpecification, of subject: MetricSubject, on port: Int) async throws
        -> Result<Double, MetricError>
    {
        let text = try await text(metric.path, port)
        return Result { () throws(MetricError) in
            try Self.sum(try SeriesFilter(metric.query, for: subject), try text.get())
        }
    }

    private func text(_ path: String, _ port: Int) async throws -> Result<[UInt8], MetricError> {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.headers.add(name: "accept", value: "text/plain;version=0.0.4")
        // A kept connection would be waited for when the instance is stopped.
        request.headers.add(name: "connection", value: "close")
        let exchange = MetricExchange(client: client, limit: Self.limit, bodyLimit: ExpositionText.sizeLimit)
        let answer: MetricExchange.Answer
        do { answer = try await exchange.send(request) } catch let failure as MetricExchange.Failure {
            return .failure(MetricError(failure.words))
        }
        guard answer.status == 200 else {
            return .failure(MetricError("expected 200 from GET \(path), found \(answer.status)"))
        }
        let text = Array(answer.body.readableBytesView)
        // Without a length the end of the connection ends the text; a program that died in between looks the same.
        let isFramed =
            answer.headers.contains(name: "content-length")
            || answer.headers.contains(name: "transfer-encoding")
        guard isFramed || text.last == UInt8(ascii: "\n") else {
            return .failure(MetricError("the text from GET \(path) was cut off"))
        }
        return .success(text)
    }
}
