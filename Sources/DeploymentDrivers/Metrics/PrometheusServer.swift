import AsyncHTTPClient
import DeliveryModel
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// A client of a Prometheus server's HTTP API v1: <https://prometheus.io/docs/prometheus/latest/querying/api/>.
struct PrometheusServer {
    /// Most bytes of an answer; one series of `pointLimit` points has about 6 KiB.
    static let bodyLimit = 4 << 20
    /// Most points of a range, so that a week's range is no load for the server.
    static let pointLimit: Int64 = 200
    static let retryLimit = 10
    /// Wait before the second try; doubled each time.
    static let firstWait = Duration.milliseconds(100)
    static let longestWait = Duration.seconds(1)
    /// Most characters of the server's words that are passed on.
    static let complaintLimit = 300

    private let specification: PrometheusSpecification
    private let base: String
    private let client: HTTPClient
    private let clock: any Clock<Duration>

    /// - Throws: when the address is not one of HTTP, or carries a password, which would end in logs.
    init(_ specification: PrometheusSpecification, client: HTTPClient, clock: any Clock<Duration>) throws(MetricError) {
        let url = specification.url
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw MetricError("judge.prometheus.url must begin with http:// or https://")
        }
        let authority = url.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else {
            throw MetricError("judge.prometheus.url must not contain a user name; write username and passwordFile")
        }
        guard !url.contains("?"), !url.contains("#") else {
            throw MetricError("judge.prometheus.url must end before any '?' or '#': \(url)")
        }
        var base = url[...]
        while base.hasSuffix("/") { base.removeLast() }
        self.base = String(base)
        self.specification = specification
        self.client = client
        self.clock = clock
    }

    /// The one finite number that an instant query gives, at the server's time.
    func value(_ query: String) async throws -> Double {
        // No `time`: then a difference between the clocks of the two machines does not matter.
        let values = try await oneSeries(
            "query", query, [("query", query), ("timeout", Self.milliseconds(specification.timeout))])
        guard let value = values.first, values.count == 1 else {
            throw complaint("expected one number from \(query), found \(values.count)")
        }
        guard value.isFinite else { throw complaint("expected a finite number from \(query), found \(value)") }
        return value
    }

    /// The finite numbers that a range query gives, oldest first; at least one.
    ///
    /// - Parameter every: time between two points; longer when there would be more than `pointLimit`.
    func points(_ query: String, from: Timestamp, to: Timestamp, every: Duration) async throws -> [Double] {
        guard from <= to else { throw complaint("expected a range that ends after it begins, found \(from) to \(to)") }
        let values = try await oneSeries(
            "query_range", query,
            [
                ("query", query), ("start", Self.seconds(from)), ("end", Self.seconds(to)),
                ("step", Self.milliseconds(Self.step(from: from, to: to, every: every))),
                ("timeout", Self.milliseconds(specification.timeout)),
            ])
        let finite = values.filter(\.isFinite)
        guard !finite.isEmpty else {
            throw complaint("expected finite numbers from \(query), found \(values.count) that are not")
        }
        return finite
    }

    static func step(from: Timestamp, to: Timestamp, every: Duration) -> Duration {
        // Rounded up to milliseconds, which is as fine as the server counts.
        let milliseconds = ((to - from) / Int(pointLimit - 1)).inSeconds * 1000
        return max(.milliseconds(1), every, .milliseconds(Int64(milliseconds.rounded(.up))))
    }

    private func oneSeries(_ endpoint: String, _ query: String, _ fields: [(String, String)]) async throws -> [Double] {
        let series = try await ask(endpoint, fields).series
        guard let values = series.first else {
            throw complaint("\(query) returned nothing; expected one number", isNothing: true)
        }
        guard series.count == 1 else {
            throw complaint(
                "\(query) returned \(series.count) series; expected one: wrap the query in sum(), avg() or max()")
        }
        return values
    }

    private func ask(_ endpoint: String, _ fields: [(String, String)]) async throws -> PrometheusReply.Payload {
        let credentials = try PrometheusCredentials(specification)
        var request = HTTPClientRequest(url: "\(base)/api/v1/\(endpoint)")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "accept", value: "application/json")
        if let authorization = credentials.authorization {
            request.headers.add(name: "authorization", value: authorization)
        }
        request.body = .bytes(ByteBuffer(string: FormEncoding.text(fields)))
        let exchange = MetricExchange(client: client, limit: specification.timeout, bodyLimit: Self.bodyLimit)
        let tries = 1 + max(0, min(specification.retries, Self.retryLimit))
        var wait = Self.firstWait
        var number = 1
        while true {
            do {
                return try payload(try await exchange.send(request), credentials)
            } catch let failure as MetricExchange.Failure {
                guard failure.mayPass, number < tries else {
                    throw complaint(failure.words + (number > 1 ? " (tried \(number) times)" : ""))
                }
            }
            try await clock.sleep(for: wait)
            wait = min(wait * 2, Self.longestWait)
            number += 1
        }
    }

    /// - Throws: `MetricExchange.Failure`.
    private func payload(_ answer: MetricExchange.Answer, _ credentials: PrometheusCredentials) throws
        -> PrometheusReply.Payload
    {
        let status = answer.status
        func shown(_ text: String) -> String {
            // Secrets go first: cut in two they would not be found.
            let line = credentials.redacted(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return String(line.prefix(Self.complaintLimit))
        }
        func failure(_ words: String) -> MetricExchange.Failure {
            .init(words: words, mayPass: status == 429 || (500...599).contains(status))
        }
        switch status {
        case 300..<400:
            let place = answer.headers.first(name: "location").map(shown) ?? "nowhere"
            throw failure("answered \(status), a redirect to \(place); write the final address in judge.prometheus.url")
        case 401, 403:
            guard let origin = credentials.origin else {
                throw failure(
                    "answered \(status): it asks for credentials; write bearerTokenFile, or username and "
                        + "passwordFile, in judge.prometheus")
            }
            throw failure("answered \(status): it refused the credentials; check \(origin)")
        default: break
        }
        let reply: PrometheusReply
        do { reply = try JSONDecoder().decode(PrometheusReply.self, from: Data(answer.body.readableBytesView)) } catch {
            let reason = (200...299).contains(status) ? Self.reason(error) : "no JSON of Prometheus"
            let body = shown(String(buffer: answer.body))
            throw failure("answered \(status) with \(reason): \(body.isEmpty ? "an empty body" : body)")
        }
        if let complaint = reply.complaint { throw failure("answered \(status): \(shown(complaint))") }
        guard (200...299).contains(status), let data = reply.data else {
            throw failure("answered \(status) without data")
        }
        return data
    }

    private static func reason(_ error: any Error) -> String {
        guard case DecodingError.dataCorrupted(let context) = error, !context.codingPath.isEmpty else {
            return "no JSON of Prometheus"
        }
        return context.debugDescription
    }

    private func complaint(_ words: String, isNothing: Bool = false) -> MetricError {
        MetricError("Prometheus at \(base): \(words)", isNothing: isNothing)
    }

    private static func milliseconds(_ duration: Duration) -> String {
        "\(max(1, Int64((min(duration, .seconds(1 << 40)).inSeconds * 1000).rounded())))ms"
    }

    private static func seconds(_ time: Timestamp) -> String {
        let milliseconds = time.microseconds / 1000
        let fraction = String(abs(milliseconds % 1000))
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
