import DeliveryModel
import FoundationEssentials
import Testing

@testable import TrafficRouter

@Suite struct ComparisonReportTests {
    static func compare(_ primary: String, _ candidate: String, _ noise: String? = nil) -> AnswerComparison {
        AnswerComparison.compare(
            primary: MirrorSample.json(primary), candidate: MirrorSample.json(candidate),
            noise: noise.map { MirrorSample.json($0) })
    }

    @Test func answersAreCountedNotElements() throws {
        var report = try MirrorSample.report()
        report.add(Self.compare(#"[{"a":1},{"a":2},{"a":3}]"#, #"[{"a":4},{"a":5},{"a":6}]"#))
        #expect(report.differences.map(\.candidate) == [1])
        #expect(report.compared == 1 && report.equal == 0 && report.bodiesCompared == 1)
        report.add(Self.compare("1", "1", "1"))
        #expect(report.equal == 1 && report.noiseCompared == 1 && report.noiseBodiesCompared == 1)
    }

    @Test func aFieldIsReportedOnlyAboveItsNoise() throws {
        var report = try MirrorSample.report()
        for request in 0..<100 {
            // `t` changes at every answer, `price` is wrong in the candidate for a fifth of the requests.
            let price = request % 5 == 0 ? 2 : 1
            report.add(
                Self.compare(
                    #"{"t":\#(request),"price":1}"#, #"{"t":\#(request + 1000),"price":\#(price)}"#,
                    #"{"t":\#(request + 2000),"price":1}"#))
        }
        #expect(report.differences.map(\.key.path) == ["/price", "/t"])
        #expect(report.differences.map(\.isAboveNoise) == [true, false])
        #expect(report.differences.map(\.candidate) == [20, 100])
        #expect(report.differences.map(\.noise) == [0, 100])
        #expect(report.isDifferent)
    }

    @Test func withoutASecondAnswerNothingIsAboveNoise() throws {
        var report = try MirrorSample.report()
        for _ in 0..<100 { report.add(Self.compare("1", "2")) }
        #expect(report.differences.map(\.candidate) == [100])
        #expect(!report.isDifferent)
    }

    @Test func ratesOfBodiesAreOverBodies() throws {
        var report = try MirrorSample.report()
        let (good, bad) = (MirrorSample.json("1"), MirrorSample.json("1", status: 500))
        for _ in 0..<1_000 { report.add(AnswerComparison.compare(primary: good, candidate: bad, noise: good)) }
        for _ in 0..<10 { report.add(Self.compare("1", "2", "1")) }
        #expect(report.bodiesCompared == 10 && report.compared == 1_010)
        // Ten of ten bodies, not ten of a thousand answers.
        #expect(report.differences.map(\.isAboveNoise) == [true, true])
    }

    @Test func examplesAreFewAndDifferent() throws {
        var report = try MirrorSample.report()
        for value in 0..<10 {
            report.add(Self.compare("0", "\(value + 1)"))
            report.add(Self.compare("0", "\(value + 1)"))
        }
        let examples = try #require(report.differences.first?.examples)
        #expect(examples.map(\.candidate) == ["1", "2", "3"] && examples.allSatisfy { $0.baseline == "0" })
    }

    @Test func changingNamesDoNotHideALaterDifference() throws {
        var report = try MirrorSample.report()
        for request in 0..<2_000 {
            let late = request > 1_000 && request % 2 == 0 ? 2 : 1
            report.add(
                Self.compare(
                    #"{"n\#(request)":1,"price":1}"#, #"{"m\#(request)":1,"price":\#(late)}"#,
                    #"{"o\#(request)":1,"price":1}"#))
        }
        #expect(report.differences.count == ComparisonReport.maxPlaces)
        #expect(report.differences.filter(\.isAboveNoise).map(\.key.path) == ["/price"])
        #expect(report.differencesNotKept > 5_000)
    }

    @Test func aPlaceSeenOftenIsNeverDisplaced() throws {
        var report = try MirrorSample.report()
        let members = (0..<250).map { #""k\#($0)":1"# }.joined(separator: ",")
        let others = (250..<500).map { #""k\#($0)":1"# }.joined(separator: ",")
        for _ in 0..<5 {
            report.add(Self.compare("{\(members)}", "{}"))
            report.add(Self.compare("{\(others)}", "{}"))
        }
        report.add(Self.compare(#"{"new":1}"#, "{}"))
        #expect(report.differences.count == 500 && report.differencesNotKept == 1)
        #expect(report.differences.allSatisfy { $0.candidate == 5 })
    }

    @Test func mergingIsAdding() throws {
        let pairs = [("1", "2", "1"), ("{}", "[]", "{}"), (#"{"a":1}"#, "{}", #"{"a":2}"#), ("[1]", "[1]", "[2]")]
        var whole = try MirrorSample.report()
        var parts = [try MirrorSample.report(), try MirrorSample.report()]
        for index in 0..<40 {
            let pair = pairs[index % 4]
            whole.add(Self.compare(pair.0, pair.1, pair.2))
            parts[index / 4 % 2].add(Self.compare(pair.0, pair.1, pair.2))
        }
        parts[0].countDropped(.queueFull, 2)
        parts[1].countDropped(.queueFull)
        parts[1].countFailed(.deadline)
        whole.dropped = ["queueFull": 3]
        whole.failed = ["deadline": 1]
        var one = parts[0]
        one.merge(parts[1])
        var two = parts[1]
        two.merge(parts[0])
        #expect(one.differences == whole.differences)
        #expect(two.differences == one.differences)
        #expect(one.equal == whole.equal && one.compared == 40 && one.noiseCompared == 40)
        #expect(one.dropped == whole.dropped && one.failed == whole.failed)
    }

    @Test func mergingKeepsTheLimit() throws {
        var one = try MirrorSample.report()
        var two = try MirrorSample.report()
        for name in 0..<400 {
            one.add(Self.compare(#"{"a\#(name)":1}"#, "{}"))
            two.add(Self.compare(#"{"b\#(name)":1}"#, "{}"))
        }
        for _ in 0..<3 { two.add(Self.compare(#"{"often":1}"#, "{}")) }
        one.merge(two)
        #expect(one.differences.count == 500 && one.differencesNotKept == 301)
        #expect(one.differences.contains { $0.key.path == "/often" && $0.candidate == 3 })
    }

    @Test func theJSONFormComesBack() throws {
        var report = try MirrorSample.report()
        report.mirrored = 12
        report.countDropped(.overload)
        report.countFailed(.connect)
        for _ in 0..<20 {
            report.add(Self.compare(#"{"a":"\u0000x","b":[1,2]}"#, #"{"a":2,"b":[2,1]}"#, #"{"a":"","b":[]}"#))
        }
        let data = try JSONEncoder().encode(report.summary())
        let back = try JSONDecoder().decode(MirrorReport.self, from: data)
        #expect(back == report.summary() && back.isDifferent)
        #expect(back.mirrored == 12 && back.dropped == ["overload": 1] && back.failed == ["connect": 1])
        #expect(back.compared == 20 && back.noiseBodiesCompared == 20 && back.differing == 20)
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains("\"isAboveNoise\":true") && text.contains("\"service\":\"shop\""))
    }

    @Test func whatAnotherRouterSaysIsTaken() throws {
        let report = try MirrorSample.report()
        let text = """
            {"service":"shop","baseline":"\(report.baseline)","candidate":"\(report.candidate)","compared":7,"new":{},
             "differences":[{"part":"trailer","kind":"value","path":"","candidate":1,"noise":0,"isAboveNoise":false,
                             "examples":[{"candidate":"1"}]}]}
            """
        let back = try JSONDecoder().decode(MirrorReport.self, from: Array(text.utf8).withUnsafeBytes { Data($0) })
        #expect(back.compared == 7 && back.mirrored == 0 && back.differences.map(\.part) == ["trailer"])
        #expect(!back.isDifferent)
    }

    @Test func limitsAreCountedByName() throws {
        var report = try MirrorSample.report()
        let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
        report.add(Self.compare(deep, "[]"))
        #expect(report.limits == ["depth": 1] && report.equal == 0)
        #expect(report.differences.map(\.key.part) == [.bytes])
    }
}
