import AsyncHTTPClient
import DeliveryModel
import DeploymentDrivers
import Foundation
import Synchronization
import Testing

/// A metric reader with a client of its own, a temporary directory for secrets, and words to ask with.
struct MetricFixture {
    let reader: MetricReader
    let root: String
    let clock: CountingClock

    static let release = String(repeating: "a", count: 64)

    static func run(_ body: (MetricFixture) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.path + "/metrics-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: MetricReader.clientConfiguration)
        let clock = CountingClock()
        var failure: (any Error)?
        do {
            try await body(MetricFixture(reader: MetricReader(client: client, clock: clock), root: root, clock: clock))
        } catch { failure = error }
        try? FileManager.default.removeItem(atPath: root)
        try await client.shutdown()
        if let failure { throw failure }
    }

    static func subject(
        ports: [Int] = [], prometheus: PrometheusSpecification? = nil, commit: String = "c0ffee"
    ) throws -> MetricSubject {
        MetricSubject(
            service: try #require(ServiceName("shop")), release: try #require(ReleaseDigest(release)), commit: commit,
            ports: ports, prometheus: prometheus)
    }

    /// - Returns: the file's path.
    func write(_ text: String, _ name: String = "secret") throws -> String {
        let path = "\(root)/\(name)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    func total(_ query: String, _ prometheus: PrometheusSpecification) async throws -> Double {
        try await reader.total(
            MetricSpecification(kind: .count, source: .prometheus, query: query),
            of: try Self.subject(prometheus: prometheus))
    }

    func total(_ query: String, ports: [Int]) async throws -> Double {
        try await reader.total(
            MetricSpecification(kind: .count, source: .instances, query: query), of: try Self.subject(ports: ports))
    }

    func samples(_ query: String, ports: [Int]) async throws -> [Double] {
        let now = Timestamp(secondsSinceEpoch: 0)
        return try await reader.samples(
            MetricSpecification(kind: .gauge, source: .instances, query: query), of: try Self.subject(ports: ports),
            from: now, to: now)
    }

    func expectTotal(
        _ expected: Double, _ query: String, ports: [Int], location: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await total(query, ports: ports)
        #expect(found == expected, sourceLocation: location)
    }

    func expectTotal(
        _ expected: Double, _ query: String, _ prometheus: PrometheusSpecification,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await total(query, prometheus)
        #expect(found == expected, sourceLocation: location)
    }

    /// Expects a `MetricError` with all these words and none of the secrets.
    static func expectError(
        _ words: String..., without secrets: [String] = [], location: SourceLocation = #_sourceLocation,
        _ body: () async throws -> some Sendable
    ) async {
        let error = await #expect(throws: MetricError.self, sourceLocation: location) { _ = try await body() }
        let text = error?.description ?? ""
        for word in words { #expect(text.contains(word), sourceLocation: location) }
        for secret in secrets { #expect(!text.contains(secret), sourceLocation: location) }
    }
}

/// Stands still: does not wait, but remembers how long it was asked to.
final class CountingClock: Clock {
    let minimumResolution = Duration.nanoseconds(1)
    private let slept = Mutex<[Duration]>([])

    let now = ContinuousClock.now
    var waits: [Duration] { slept.withLock { $0 } }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        let wait = deadline - now
        slept.withLock { $0.append(wait) }
    }
}
