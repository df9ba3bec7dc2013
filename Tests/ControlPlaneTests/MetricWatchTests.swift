import DeliveryModel
import RolloutEngine
import Synchronization
import Testing

@testable import ControlPlane

@Suite struct MetricWatchTests {
    private static let every = Duration.seconds(10)

    /// Answers as a Prometheus server would: a point each `every`, both ends of the range included.
    private final class FakePrometheus: MetricDriver {
        let asked = Mutex<[Timestamp]>([])
        /// The candidate's totals, one a question; `nil`: it does not show. The baseline has counted a thousand.
        let totals: Mutex<[Double?]>

        init(totals: [Double?] = []) { self.totals = Mutex(totals) }

        func total(_ metric: MetricSpecification, of subject: MetricSubject) async throws -> Double {
            guard subject.release == Shop().candidate else { return 1000 }
            guard let total = totals.withLock({ $0.removeFirst() }) else {
                throw MetricError("nothing there", isNothing: true)
            }
            return total
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

    private static let memory = MetricSpecification(kind: .gauge, source: .prometheus, query: "rss", every: every)
    private static let orders = MetricSpecification(kind: .count, source: .prometheus, query: "orders", every: every)

    /// Looks as often as the control plane does.
    private static func look(
        _ watch: MetricWatch, _ seconds: ClosedRange<Double>, _ metric: MetricSpecification = memory
    ) async {
        let state = Shop().shifting(JudgeSpecification(metrics: ["metric": metric]))
        for second in stride(from: seconds.lowerBound, through: seconds.upperBound, by: MetricWatch.pace.inSeconds) {
            let now = Shop.begin + .microseconds(Int64(second * 1e6))
            for question in await watch.due([state], at: now) { await watch.ask(question) }
        }
    }

    @Test func everyMomentIsAskedForOnce() async {
        let metrics = FakePrometheus()
        let watch = MetricWatch(driver: metrics)
        await Self.look(watch, 0...100)
        let asked = metrics.asked.withLock { $0 }
        #expect(asked.count == 11)
        for (earlier, later) in zip(asked, asked.dropFirst()) { #expect(later - earlier >= Self.every) }
        #expect(await watch.take("shop-2").gauges["metric"]?.candidate.count == 11)
    }

    /// Recorded ticks hold what the control plane before this one was told.
    @Test func whatCameBeforeARestartIsNotAskedForAgain() async {
        let metrics = FakePrometheus()
        await Self.look(MetricWatch(driver: metrics), 600...605)
        #expect(metrics.asked.withLock { $0 } == [Shop.begin + .seconds(600)])
    }

    /// Without the router's counts no tick is due and nobody takes what comes in.
    @Test func samplesThatNobodyTakesAreBounded() async {
        let watch = MetricWatch(driver: FakePrometheus())
        await Self.look(watch, 0...3000)
        let kept = await watch.take("shop-2").gauges["metric"]
        #expect(kept?.candidate.count == MetricWatch.sampleLimit)
        #expect(kept?.candidate.last == (Shop.begin + .seconds(3000)).secondsSinceEpoch, "the newest are kept")
    }

    /// Prometheus loses a series for a moment when it is restarted, or when a scrape fails.
    @Test(
        arguments: [
            ([7, nil, 9], 2.0), ([nil, nil, 3], 3), ([7, 9, nil, nil], 2), ([nil, 4, nil, 2], 6), ([5, nil, 5], 0),
        ] as [([Double?], Double)])
    func aTotalThatIsMissingForAMomentIsNoRise(_ totals: [Double?], _ events: Double) async {
        let watch = MetricWatch(driver: FakePrometheus(totals: totals))
        await Self.look(watch, 0...Double((totals.count - 1) * 10), Self.orders)
        #expect(await watch.take("shop-2").counts["metric"]?.candidate == events)
    }
}
