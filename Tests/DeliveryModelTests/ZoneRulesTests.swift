import DeliveryModel
import Foundation
import Testing

private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

/// A TZif file of version 2: transitions to types, offsets of the types, and the rule after them.
private func file(_ transitions: [(Int64, UInt8)], _ offsets: [Int32], _ footer: String) -> [UInt8] {
    func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
    func head(_ times: Int, _ types: Int) -> [UInt8] {
        Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
            + [0, 0, 0, UInt32(times), UInt32(types), 4].flatMap { bytes($0) }
    }
    let old = head(0, 1) + [UInt8](repeating: 0, count: 6) + Array("UTC\0".utf8)
    let new =
        head(transitions.count, offsets.count) + transitions.flatMap { bytes($0.0) } + transitions.map(\.1)
        + offsets.flatMap { bytes($0) + [0, 0] } + Array("UTC\0".utf8)
    return old + new + Array("\n\(footer)\n".utf8)
}

@Suite struct ZoneRulesTests {
    @Test(arguments: [
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18_000),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14_400),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z", -14_400),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18_000),
        // South of the equator summer goes over the new year.
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39_600),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z", 36_000),
        ("<+0530>-5:30", "2026-07-01T00:00:00Z", 19_800), ("<-03>3", "2026-07-01T00:00:00Z", -10_800),
        ("AAA0BBB,J60/0,J61/0", "2028-03-01T00:30:00Z", 3600), ("AAA0BBB,J60/0,J61/0", "2028-02-29T12:00:00Z", 0),
        ("AAA0BBB,59/0,60/0", "2028-02-29T12:00:00Z", 3600),
    ])
    func theRuleAfterTheLastTransition(rule: String, at: String, offset: Int) throws {
        let rules = try #require(ZoneRules(tzif: file([], [0], rule)))
        #expect(rules.offset(at: try time(at)) == offset)
    }

    @Test func transitionsAreInForceFromTheirMoment() throws {
        let rules = try #require(ZoneRules(tzif: file([(1000, 1), (2000, 0)], [60, 120], "AAA-5")))
        #expect(
            [999, 1000, 1999, 2000].map { rules.offset(at: Timestamp(microseconds: $0 * 1_000_000)) } == [
                60, 120, 120, 18_000,
            ])
        let open = try #require(ZoneRules(tzif: file([(1000, 1), (2000, 0)], [60, 120], "")))
        #expect(open.offset(at: Timestamp(microseconds: 3_000_000_000)) == 60)
        #expect(open.offset(at: Timestamp(microseconds: -1)) == 60)
    }

    @Test func brokenFilesAreNoZones() {
        let whole = file([(1000, 1)], [60, 120], "AAA-5")
        #expect(ZoneRules(tzif: whole) != nil)
        for length in 0..<whole.count {
            #expect(ZoneRules(tzif: Array(whole.prefix(length))) == nil, "\(length) bytes")
        }
        #expect(ZoneRules(tzif: file([(1000, 2)], [60, 120], "AAA-5")) == nil, "a type that is not there")
        #expect(ZoneRules(tzif: file([(2000, 1), (1000, 1)], [60, 120], "AAA-5")) == nil, "times that fall")
        for rule in ["A5", "AAA", "AAA5BBB", "AAA5BBB,M13.1.0,M4.1.0", "AAA5BBB,M1.1.0,M4.1.0,", "<AAA5"] {
            #expect(ZoneRules(tzif: file([], [0], rule)) == nil, "\(rule)")
        }
    }

    /// Against the machine's own calendar, where it has the database.
    @Test(arguments: [
        "Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "Africa/Casablanca", "UTC",
    ])
    func theMachineAgrees(name: String) throws {
        guard let data = FileManager.default.contents(atPath: "/usr/share/zoneinfo/" + name),
            let zone = TimeZone(identifier: name)
        else { return }
        let rules = try #require(ZoneRules(tzif: Array(data)))
        for day in stride(from: 0, to: 80 * 365, by: 3) {
            let seconds = Double(day) * 86_400 + 3600
            let expected = zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds))
            // Foundation has no rules for Morocco's Ramadan beyond the file's transitions; neither have we.
            #expect(rules.offset(at: Timestamp(secondsSinceEpoch: seconds)) == expected, "\(name), day \(day)")
        }
    }

    @Test func namesAreKnown() {
        #expect(ZoneNames.all.count > 500 && ZoneNames.all.contains("Europe/Berlin") && ZoneNames.all.contains("UTC"))
    }
}
