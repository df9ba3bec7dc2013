import DeliveryModel
import Foundation
import RolloutEngine
import Testing

/// Germany's rule, as a file of the time zone database without transitions says it.
private let berlin: ZoneRules = {
    func number(_ value: Int, _ bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
    func part(_ version: UInt8) -> [UInt8] {
        Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
            + [0, 0, 0, 0, 1, 4].flatMap { number($0, 4) } + number(3600, 4) + [0, 0] + Array("CET\0".utf8)
    }
    let file = part(50) + part(50) + Array("\nCET-1CEST,M3.5.0,M10.5.0/3\n".utf8)
    return ZoneRules(tzif: file) ?? .utc
}()

private func moment(_ text: String) -> FreezeMoment {
    FreezeMoment(text) ?? .once(day: 0, minute: 0)
}

private func time(_ text: String) -> Timestamp { Timestamp(text) ?? Timestamp(microseconds: 0) }

@Suite struct FreezeTests {
    private func end(_ windows: [FreezeWindow], at text: String) -> String? {
        var bench = QueueBench(total: 8)
        bench.now = time(text)
        bench.conditions.zones = ["Europe/Berlin": berlin]
        bench.offer("a", "a1", .normal, .init(freeze: windows))
        let reasons = bench.queue.waiting(at: bench.now, bench.conditions).first?.reasons ?? []
        let isFrozen = bench.queue.next(at: bench.now, bench.conditions).isEmpty
        for case .freeze(let until, _) in reasons {
            #expect(isFrozen, "\(text) is said to be frozen, and begins")
            return until.description
        }
        #expect(!isFrozen, "\(text) does not begin, and nobody says why")
        return nil
    }

    @Test(arguments: [
        ("2026-11-27T14:59:59Z", nil), ("2026-11-27T15:00:00Z", "2026-11-30T07:00:00.000Z"),
        ("2026-11-29T23:00:00Z", "2026-11-30T07:00:00.000Z"), ("2026-11-30T06:59:59Z", "2026-11-30T07:00:00.000Z"),
        ("2026-11-30T07:00:00Z", nil),
        // In summer the same clock is an hour earlier in UTC.
        ("2026-07-03T13:59:59Z", nil), ("2026-07-03T14:00:00Z", "2026-07-06T06:00:00.000Z"),
        // The clocks change while it is frozen: the end is where the wall's clock says it is.
        ("2026-03-28T12:00:00Z", "2026-03-30T06:00:00.000Z"), ("2026-10-24T12:00:00Z", "2026-10-26T07:00:00.000Z"),
    ])
    func aWeekendByTheWallsClock(now: String, until: String?) {
        let window = FreezeWindow(from: moment("Fri 16:00"), to: moment("Mon 08:00"), zone: "Europe/Berlin")
        #expect(end([window], at: now) == until)
    }

    @Test(arguments: [
        ("2026-12-23T23:59:59Z", nil), ("2026-12-24T00:00:00Z", "2026-12-27T00:00:00.000Z"),
        ("2026-12-26T23:59:59Z", "2026-12-27T00:00:00.000Z"), ("2026-12-27T00:00:00Z", nil),
        ("2027-12-25T00:00:00Z", nil),
    ])
    func holidaysOnce(now: String, until: String?) {
        let window = FreezeWindow(from: moment("2026-12-24 00:00"), to: moment("2026-12-27 00:00"))
        #expect(end([window], at: now) == until)
    }

    @Test func windowsThatFollowOneAnotherAreOneFreeze() {
        let windows = [
            FreezeWindow(from: moment("Mon 00:00"), to: moment("Mon 06:00")),
            FreezeWindow(from: moment("Mon 05:00"), to: moment("Mon 12:00")),
            FreezeWindow(from: moment("Mon 12:00"), to: moment("Tue 00:00")),
        ]
        #expect(end(windows, at: "2026-11-30T01:00:00Z") == "2026-12-01T00:00:00.000Z")
        let always = [
            FreezeWindow(from: moment("Mon 00:00"), to: moment("Thu 00:00")),
            FreezeWindow(from: moment("Thu 00:00"), to: moment("Mon 00:00")),
        ]
        #expect(end(always, at: "2026-11-30T01:00:00Z") != nil)
    }

    @Test func theForecastKnowsTheEndOfAFreeze() {
        var bench = QueueBench(total: 8)
        bench.now = time("2026-11-30T01:00:00Z")
        bench.offer(
            "a", "a1", .normal,
            .init(freeze: [FreezeWindow(from: moment("Mon 00:00"), to: moment("Mon 06:00"), reason: "night")]))
        let place = bench.queue.waiting(at: bench.now, bench.conditions).first
        #expect(place?.forecastSeconds == 18_000)
        #expect(place?.reasons == [.freeze(until: time("2026-11-30T06:00:00Z"), reason: "night")])
    }
}
