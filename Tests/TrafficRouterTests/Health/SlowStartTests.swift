import Testing

@testable import TrafficRouter

struct SlowStartTests {
    @Test(
        arguments: [
            (0, 1_000), (1, 1_000), (10, 1_000), (25, 2_500), (50, 5_000), (99, 9_900), (100, 10_000), (900, 10_000),
        ]
            as [(UInt64, UInt32)])
    func risesInAStraightLine(tenths: UInt64, weight: UInt32) {
        let start = SlowStart(now: .s(100), duration: .seconds(10))
        #expect(start.weight(now: .s(100) + .ms(tenths * 100)).tenThousandths == weight)
        #expect(start.isOver(now: .s(100) + .ms(tenths * 100)) == (tenths >= 100))
    }

    @Test(arguments: [Duration.zero, .nanoseconds(1), .milliseconds(7), .seconds(10), .seconds(86_400), .seconds(1e9)])
    func neverFalls(duration: Duration) {
        let start = SlowStart(now: .s(5), duration: duration)
        let length = duration.clampedNanoseconds
        var last = InstanceWeight.floor
        for step in 0...1_000 {
            let weight = start.weight(now: .s(5) + length / 1_000 * UInt64(step))
            #expect(weight >= last && weight <= .full)
            last = weight
        }
        #expect(start.weight(now: .s(5) + length) == .full)
    }

    @Test func timeBeforeTheBeginningCountsAsTheBeginning() {
        #expect(SlowStart(now: .s(5), duration: .seconds(1)).weight(now: 0) == .floor)
        #expect(SlowStart.none.weight(now: 0) == .full)
    }

    @Test(arguments: [(-5, 1), (0, 1), (1, 1), (10_000, 10_000), (20_000, 10_000)] as [(Int, UInt32)])
    func weightsStayInRange(given: Int, kept: UInt32) {
        #expect(InstanceWeight(tenThousandths: given).tenThousandths == kept)
    }

    @Test(arguments: [(0, 10, false), (1, 10, true), (5, 0, false)])
    func isDueOnlyBesideOthersThatServe(serving: Int, seconds: Int, due: Bool) {
        let settings = HealthSettings.with { $0.slowStart = .seconds(seconds) }
        #expect(SlowStart.isDue(serving: serving, settings: settings) == due)
    }

    @Test func instancesThatAreNewTogetherStartAtFullLoad() {
        let settings = HealthSettings.with { $0.slowStart = .seconds(10) }
        let fresh = HealthSubject.some(3)
        for subject in fresh { subject.startSlowly(among: [], now: .s(1), settings: settings) }
        #expect(fresh.allSatisfy { $0.standing(now: .s(1)) == .eligible(.full) })
        let late = HealthSubject(9)
        late.startSlowly(among: fresh, now: .s(1), settings: settings)
        #expect(late.standing(now: .s(1)) == .eligible(.floor))
        #expect(late.standing(now: .s(6)) == .eligible(InstanceWeight(tenThousandths: 5_000)))
        #expect(late.health.condition(now: .s(6)) == .slowStart && late.health.condition(now: .s(11)) == .healthy)
    }
}
