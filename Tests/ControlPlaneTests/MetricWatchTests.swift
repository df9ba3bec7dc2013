import DeliveryModel
import RolloutEngine
import Synchronization
import Testing

@testable import ControlPlane

@Suite struct MetricWatchTests {
    private static let every = Duration.seconds(10)

    /// Answers as a Prometheus server would: a point each `every`, both ends of the range included.
    private final class FakeMetrics: MetricDriver {
        let asked = Mutex<[Timestamp]>([])

        func total(_ metric: MetricSpecification, of subject: MetricSubject) async throws -> Double {
            throw MetricError("no count was asked for")
        }

        func samples(_ metric: MetricSpecification, of subject: MetricSubject, from: Timestamp, to: Timestamp)
            async throws -> [Double]
        {
            var moments: [Timestamp] = []
            var next = from
            while next <= to {
                moments.append(next)
                next = next + metric.every
            }
            if subject.release == Shop().candidate { asked.withLock { $0 += moments } }
            return moments.map(\.secondsSinceEpoch)
        }
    }

    private static func state() -> ServiceState {
        let memory = MetricSpecification(kind: .gauge, source: .prometheus, query: "rss", every: every)
        return Shop().shifting(JudgeSpecification(metrics: ["memory": memory]))
    }

    /// Looks as often as the control plane does.
    private static func look(_ watch: MetricWatch, _ seconds: ClosedRange<Double>) async {
        for second in stride(from: seconds.lowerBound, through: seconds.upperBound, by: MetricWatch.pace.inSeconds) {
            let now = Shop.begin + .microseconds(Int64(second * 1e6))
            for question in await watch.due([state()], at: now) { await watch.ask(question) }
        }
    }

    @Test func everyMomentIsAskedForOnce() async {
        let metrics = FakeMetrics()
        let watch = MetricWatch(driver: metrics)
        await Self.look(watch, 0...100)
        let asked = metrics.asked.withLock { $0 }
        #expect(asked.count == 11)
        for (earlier, later) in zip(asked, asked.dropFirst()) { #expect(later - earlier >= Self.every) }
        #expect(await watch.take("shop-2").gauges["memory"]?.candidate.count == 11)
    }

    /// Recorded ticks hold what the control plane before this one was told.
    @Test func whatCameBeforeARestartIsNotAskedForAgain() async {
        let metrics = FakeMetrics()
        await Self.look(MetricWatch(driver: metrics), 600...605)
        #expect(metrics.asked.withLock { $0 } == [Shop.begin + .seconds(600)])
    }
}
