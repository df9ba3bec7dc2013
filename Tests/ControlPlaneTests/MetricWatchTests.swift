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
        /// The candidate's totals, one a question; `nil`: it does not show.
        let totals: Mutex<[Double?]>
        /// Ten more at each question.
        let baseline = Mutex(1000.0)
        /// The candidate's gauge shows from then on.
        let showsAt: Timestamp

        init(totals: [Double?] = [], showsAt: Timestamp = Shop.begin) {
            self.totals = Mutex(totals)
            self.showsAt = showsAt
        }

        func total(_ metric: MetricSpecification, of subject: MetricSubject) async throws -> Double {
            guard subject.release == Shop().candidate else {
                return baseline.withLock { total in
                    total += 10
                    return total
                }
            }
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
            if subject.release == Shop().candidate {
                guard to >= showsAt else { throw MetricError("nothing there", isNothing: true) }
                asked.withLock { $0 += moments }
            }
            return moments.map(\.secondsSinceEpoch)
        }
    }

    private static let memory = MetricSpecification(kind: .gauge, source: .prometheus, query: "rss", every: every)
    private static let orders = MetricSpecification(kind: .count, source: .prometheus, query: "orders", every: every)

    /// Looks as often as the control plane does.
    private static func look(
        _ watch: MetricWatch, _ seconds: ClosedRange<Double>, _ metric: MetricSpecification = memory,
        share: Share = Share(clamping: 1000)
    ) async {
        var state = Shop().shifting(JudgeSpecification(metrics: ["metric": metric]))
        state.rollout?.share = share
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

    /// Asks once for each total, from so many seconds after the first traffic on.
    private static func counts(
        _ totals: [Double?], from begin: Double = 0, _ metric: MetricSpecification = orders
    ) async -> MetricWatch.Readings {
        let watch = MetricWatch(driver: FakePrometheus(totals: totals))
        await look(watch, begin...begin + Double((totals.count - 1) * 10), metric)
        return await watch.take("shop-2")
    }

    /// Prometheus loses a series for a moment when it is restarted, or when a scrape fails.
    @Test(
        arguments: [
            ([7, nil, 9], 2.0), ([nil, nil, 3], 3), ([7, 9, nil, nil], 2), ([nil, 4, nil, 2], 6), ([5, nil, 5], 0),
        ] as [([Double?], Double)])
    func aTotalThatIsMissingForAMomentIsNoRise(_ totals: [Double?], _ events: Double) async {
        let late = await Self.counts(totals, from: MetricWatch.grace.inSeconds)
        #expect(late.counts["metric"]?.candidate == events)
    }

    /// Prometheus finds a new candidate only when it looks for targets next, while the baseline's counter rises.
    @Test(
        arguments: [
            ([nil, nil, nil, 7, 9], 2, 10), ([nil, nil], 0, 0), ([nil, 7], 0, 0), ([7, 9, 12], 5, 20),
            // Once seen, missing is nothing new, in the baseline as well as ever.
            ([nil, 7, nil, nil, 9], 2, 30),
            // A counter that fell was restarted.
            ([7, 9, 2], 4, 20), ([nil, 9, 2, 3], 3, 20),
        ] as [([Double?], Double, Double)])
    func countingBeginsWhenTheCandidateIsFirstShown(_ totals: [Double?], _ candidate: Double, _ baseline: Double) async
    {
        let readings = await Self.counts(totals)
        #expect(readings.counts["metric"] == BusinessCounts(candidate: candidate, baseline: baseline, share: 0.1))
        #expect(readings.failures.isEmpty)
    }

    @Test func whatIsNeverShownCountsAsNoneOnceTheGraceIsOver() async {
        let readings = await Self.counts(Array(repeating: nil, count: 16))
        // Asked at 0 s to 150 s; counted from 120 s on.
        #expect(readings.counts["metric"] == BusinessCounts(candidate: 0, baseline: 30, share: 0.1))
    }

    @Test func instancesThatAreAskedThemselvesNeedNoGrace() async {
        var own = Self.orders
        own.source = .instances
        let readings = await Self.counts([nil, nil, 3], own)
        #expect(readings.counts["metric"] == BusinessCounts(candidate: 3, baseline: 20, share: 0.1))
    }

    @Test func aSumThatNobodyHasTakenKeepsItsShare() async {
        let watch = MetricWatch(driver: FakePrometheus(totals: [5, 8, 12, 14, 20, 21]))
        await Self.look(watch, 0...10, Self.orders)
        let moved = Share(clamping: 2000)
        await Self.look(watch, 20...30, Self.orders, share: moved)
        let before = await watch.take("shop-2").counts["metric"]
        #expect(before == BusinessCounts(candidate: 3, baseline: 10, share: 0.1))
        await Self.look(watch, 40...50, Self.orders, share: moved)
        // What came between the two shares, 8 to 12, belongs to neither; what came since then is not lost.
        let after = await watch.take("shop-2").counts["metric"]
        #expect(after == BusinessCounts(candidate: 9, baseline: 30, share: 0.2))
    }

    @Test func aGaugeThatIsNotShownYetIsNoFailure() async {
        let early = MetricWatch(driver: FakePrometheus(showsAt: Shop.begin + .seconds(50)))
        await Self.look(early, 0...60)
        let found = await early.take("shop-2")
        #expect(found.failures.isEmpty)
        #expect(found.gauges["metric"]?.candidate.count == 2 && found.gauges["metric"]?.baseline.count == 2)

        let never = FakePrometheus(showsAt: Shop.begin + .seconds(3600))
        let watch = MetricWatch(driver: never)
        await Self.look(watch, 0...110)
        #expect(await watch.take("shop-2").failures.isEmpty)
        await Self.look(watch, 120...120)
        #expect(await watch.take("shop-2").failures["metric"] == "nothing there")

        var own = Self.memory
        own.source = .instances
        let asked = MetricWatch(driver: never)
        await Self.look(asked, 0...0, own)
        #expect(await asked.take("shop-2").failures["metric"] == "nothing there")
    }
}
