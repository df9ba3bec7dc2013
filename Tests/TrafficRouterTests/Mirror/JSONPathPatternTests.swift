import Testing

@testable import TrafficRouter

@Suite struct JSONPathPatternTests {
    static func found(_ left: String, _ right: String, ignoring patterns: [String]) throws -> [String] {
        var options = ComparisonOptions()
        options.ignored = try patterns.map { try #require(JSONPathPattern($0)) }
        return MirrorSample.found(left, right, options: options)
    }

    @Test(
        arguments: [
            (["/a"], []), (["/b"], ["value /a"]), (["/a/x"], ["value /a"]), (["/*"], []),
            ([""], []), (["/A"], ["value /a"]), (["/a/"], ["value /a"]),
        ] as [([String], [String])]) func membersAreLeftOut(_ patterns: [String], _ differences: [String]) throws
    {
        #expect(try Self.found(#"{"a":1}"#, #"{"a":2}"#, ignoring: patterns) == differences)
    }

    @Test func whatIsBelowIsLeftOutToo() throws {
        let (left, right) = (#"{"a":{"b":[1,{"c":2}]},"d":1}"#, #"{"a":{"b":[9,{"e":2}]},"d":2}"#)
        #expect(try Self.found(left, right, ignoring: ["/a"]) == ["value /d"])
        #expect(try Self.found(left, right, ignoring: ["/a/b"]) == ["value /d"])
        #expect(try Self.found(left, right, ignoring: ["/a/b/*"]) == ["value /d"])
        #expect(
            try Self.found(left, right, ignoring: ["/a/b/*/c"]) == ["value /a/b/*", "extra /a/b/*/e", "value /d"])
        #expect(try Self.found(left, right, ignoring: ["/a/b/0", "/d"]) == [])
    }

    @Test func missingAndExtraAreLeftOut() throws {
        #expect(try Self.found(#"{"a":1,"b":1}"#, #"{"c":1,"b":1}"#, ignoring: ["/a", "/c"]) == [])
        #expect(try Self.found(#"{"a":1}"#, "{}", ignoring: ["/a"]) == [])
        #expect(try Self.found("{}", #"{"a":1}"#, ignoring: ["/a"]) == [])
        #expect(try Self.found("[1]", "[]", ignoring: ["/*"]) == [])
    }

    /// Elements are found again by what counts in them.
    @Test func orderIsSeenThroughWhatIsLeftOut() throws {
        let (left, right) = (#"[{"id":1,"t":1},{"id":2,"t":2}]"#, #"[{"id":2,"t":3},{"id":1,"t":4}]"#)
        #expect(try Self.found(left, right, ignoring: []) == ["value /*/id", "value /*/t"])
        #expect(try Self.found(left, right, ignoring: ["/*/t"]) == ["order "])
    }

    @Test(arguments: [
        (#"{"a/b":1}"#, #"{"a/b":2}"#), (#"{"a~b":1}"#, #"{"a~b":2}"#), (#"{"*":1}"#, #"{"*":2}"#),
        (#"{"":1}"#, #"{"":2}"#), (#"{"~1":1}"#, #"{"~1":2}"#), (#"{"x":[[{"y":1}]]}"#, #"{"x":[[{"y":2}]]}"#),
        (#"{"\u0061":1}"#, #"{"a":2}"#), (#"{"12":1}"#, #"{"12":2}"#),
    ]) func aReportedPathCanBeIgnored(_ left: String, _ right: String) throws {
        let path = try #require(
            AnswerComparison.compare(primary: MirrorSample.json(left), candidate: MirrorSample.json(right)).candidate
                .differences.first?.key.path)
        #expect(try Self.found(left, right, ignoring: [path]) == [])
    }

    @Test func aStarThatIsANameIsNotAny() throws {
        #expect(try Self.found(#"{"a":1}"#, #"{"a":2}"#, ignoring: ["/~2"]) == ["value /a"])
    }

    @Test func whatIsNoPointerIsNoPattern() {
        #expect(JSONPathPattern("a") == nil)
    }

    @Test func statusAndBodiesCanBeLeftOut() {
        var options = ComparisonOptions()
        options.comparesStatus = false
        let (left, right) = (MirrorSample.json("1"), MirrorSample.json("2", status: 500))
        #expect(MirrorSample.found(left, right, options: options) == ["value "])
        options.comparesBodies = false
        let found = AnswerComparison.compare(primary: left, candidate: right, options: options).candidate
        #expect(found.isEqual && !found.isBodyCompared)
    }
}
