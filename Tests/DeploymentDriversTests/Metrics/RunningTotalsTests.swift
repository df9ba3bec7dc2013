import DeliveryModel
import Synchronization
import Testing

@testable import DeploymentDrivers

struct RunningTotalsTests {
    private static func counter(_ query: String = "orders", digit: Character = "a") throws -> RunningTotals.Counter {
        RunningTotals.Counter(
            service: try #require(ServiceName("shop")),
            release: try #require(ReleaseDigest(String(repeating: digit, count: 64))), path: "/metrics", query: query)
    }

    private static func totals() -> RunningTotals {
        let start = ContinuousClock.now
        return RunningTotals { start }
    }

    @Test(arguments: [
        // Each row: what the instances on ports 1, 2, ... count at each question, and the totals.
        ([[5.0, 7]], [12.0]),
        ([[5], [9]], [5, 9]),
        ([[5], [2], [3], [0], [4]], [5, 7, 8, 8, 12]),
        // An instance that comes, and one that goes.
        ([[5], [5, 3], [6]], [5, 8, 9]),
        ([[5, 9], [1, 10]], [14, 16]),
        ([[]], [0]),
    ])
    func theTotalNeverFalls(_ readings: [[Double]], _ expected: [Double]) throws {
        let totals = Self.totals()
        let counter = try Self.counter()
        let found = readings.map { values in
            totals.add(
                values.enumerated().map { (port: $0.offset + 1, value: $0.element) }, to: counter,
                ticket: totals.ticket())
        }
        #expect(found == expected)
    }

    @Test func countersAreKeptApart() throws {
        let totals = Self.totals()
        for (counter, value) in [
            (try Self.counter(), 5.0), (try Self.counter("visits"), 3), (try Self.counter(digit: "b"), 2),
        ] {
            #expect(totals.add([(port: 1, value: value)], to: counter, ticket: totals.ticket()) == value)
        }
        #expect(totals.count == 3)
    }

    @Test func aLateReadingIsNoRestart() throws {
        let totals = Self.totals()
        let counter = try Self.counter()
        let (early, late) = (totals.ticket(), totals.ticket())
        #expect(totals.add([(port: 1, value: 9)], to: counter, ticket: late) == 9)
        #expect(totals.add([(port: 1, value: 8)], to: counter, ticket: early) == 9)
        #expect(totals.add([(port: 1, value: 10)], to: counter, ticket: totals.ticket()) == 10)
    }

    @Test func whatIsNotAskedForIsForgotten() throws {
        let start = ContinuousClock.now
        let moment = Clockwork(start)
        let totals = RunningTotals { moment.now.withLock { $0 } }
        let (old, new) = (try Self.counter(), try Self.counter(digit: "b"))
        _ = totals.add([(port: 1, value: 5)], to: old, ticket: totals.ticket())
        moment.now.withLock { $0 = start + .seconds(3600) }
        #expect(totals.add([(port: 1, value: 2)], to: old, ticket: totals.ticket()) == 7)
        moment.now.withLock { $0 = start + .seconds(7201) }
        _ = totals.add([(port: 1, value: 1)], to: new, ticket: totals.ticket())
        #expect(totals.count == 1)
        #expect(totals.add([(port: 1, value: 2)], to: old, ticket: totals.ticket()) == 2)
    }

    private final class Clockwork: Sendable {
        let now: Mutex<ContinuousClock.Instant>
        init(_ start: ContinuousClock.Instant) { now = Mutex(start) }
    }
}
