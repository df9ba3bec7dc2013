import Testing

@testable import TrafficRouter

struct CheckScheduleTests {
    let settings = HealthSettings()

    /// Runs checks that take no time.
    func times(seed: UInt64, from now: UInt64 = 0, count: Int, _ settings: HealthSettings) -> [UInt64] {
        var schedule = CheckSchedule(seed: seed, now: now, settings: settings)
        return (0..<count).map { _ in
            let now = schedule.due
            _ = schedule.begin(now: now, settings: settings)
            schedule.end(now: now)
            return now
        }
    }

    @Test func aThousandInstancesAreSpreadOverTheInterval() {
        for round in [0, 1, 50] {
            var slots = [Int](repeating: 0, count: 20)
            for seed in 0..<1_000 {
                let time = times(seed: UInt64(seed), count: round + 1, settings)[round]
                slots[Int(time % .s(1) / .ms(50))] += 1
            }
            // 50 expected in each slot; 5 standard deviations are 34.
            #expect(slots.allSatisfy { (16...84).contains($0) }, "round \(round): \(slots)")
        }
    }

    @Test func seedsTellInstancesApart() {
        let seeds = (0..<1_000).map { CheckSchedule.seed(host: "127.0.0.1", port: 20_000 + $0 / 2, id: "i\($0 % 2)") }
        #expect(Set(seeds).count == 1_000)
        // By two loops, each would be in charge of 500 with a standard deviation of 16.
        #expect((420...580).contains(seeds.count { $0 % 2 == 0 }))
        let moved = CheckSchedule.seed(host: "a1", port: 1, id: "b")
        #expect(moved != CheckSchedule.seed(host: "a", port: 11, id: "b"), "parts do not run together")
        #expect(CheckSchedule.seed(host: "h", port: 80, id: "i") == CheckSchedule.seed(host: "h", port: 80, id: "i"))
    }

    @Test func theFirstCheckFallsInTheFirstInterval() {
        for seed in 0..<100 {
            let due = CheckSchedule(seed: UInt64(seed), now: .s(7), settings: settings).due
            #expect(due >= .s(7) && due < .s(8))
        }
    }

    @Test(arguments: [
        (0, 1_000, 1_000), (1_000, 900, 1_100), (5_000, 500, 1_500), (99_999, 500, 1_500), (-1, 1_000, 1_000),
    ])
    func gapsStayWithinTheJitter(basisPoints: Int, least: UInt64, most: UInt64) {
        let settings = HealthSettings.with { $0.jitterBasisPoints = basisPoints }
        let times = times(seed: 42, count: 1_000, settings)
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(gaps.allSatisfy { $0 >= .ms(least) && $0 <= .ms(most) })
        let mean = (times[999] - times[0]) / 999
        #expect(mean > .ms(970) && mean < .ms(1_030), "the jitter does not shift the interval")
        #expect(basisPoints <= 0 || Set(gaps).count > 900)
    }

    @Test func theSameSeedGivesTheSameTimes() {
        #expect(times(seed: 9, count: 10, settings) == times(seed: 9, count: 10, settings))
        #expect(times(seed: 9, count: 10, settings) != times(seed: 10, count: 10, settings))
    }

    @Test func aCheckHasADeadlineWhileItIsUnderWay() {
        var schedule = CheckSchedule(seed: 1, now: 0, settings: settings)
        #expect(!schedule.isUnderWay)
        let due = schedule.due
        let deadline = schedule.begin(now: due, settings: settings)
        #expect(deadline == due + .s(2))
        #expect(schedule.isUnderWay && schedule.deadline == due + .s(2))
        schedule.end(now: due + 5)
        #expect(!schedule.isUnderWay && schedule.due >= due + .ms(900))
    }

    @Test func aCheckLongerThanTheIntervalIsFollowedAtOnce() {
        var schedule = CheckSchedule(seed: 1, now: 0, settings: settings)
        let begun = schedule.due
        _ = schedule.begin(now: begun, settings: settings)
        schedule.end(now: begun + .s(2))
        #expect(schedule.due == begun + .s(2))
    }

    @Test func delaysDoNotAddUpAndMissedChecksAreNotMadeUpFor() {
        let settings = HealthSettings.with { $0.jitterBasisPoints = 0 }
        var schedule = CheckSchedule(seed: 1, now: 0, settings: settings)
        let due = schedule.due
        _ = schedule.begin(now: due + .ms(300), settings: settings)
        schedule.end(now: due + .ms(310))
        #expect(schedule.due == due + .s(1))
        _ = schedule.begin(now: due + .s(60), settings: settings)
        schedule.end(now: due + .s(60))
        #expect(schedule.due == due + .s(61))
    }

    @Test func anotherIntervalHoldsAtOnce() {
        let slow = HealthSettings.with { $0.interval = .seconds(3_600) }
        var schedule = CheckSchedule(seed: 1, now: 0, settings: slow)
        schedule.intervalChanged(now: .s(5), settings: settings)
        #expect(schedule.due >= .s(5) && schedule.due < .s(6))
    }

    @Test func theIntervalHasALeast() {
        let settings = HealthSettings.with {
            $0.interval = .zero
            $0.timeout = .seconds(-1)
            $0.jitterBasisPoints = 0
        }
        #expect(times(seed: 1, count: 3, settings)[2] - times(seed: 1, count: 3, settings)[1] == .ms(10))
        #expect(settings.effectiveTimeout == .ms(1))
    }
}
