import Testing

@testable import TrafficRouter

@Suite struct AnswerComparisonTests {
    @Test func statusesAreComparedBeforeAll() {
        let found = MirrorSample.found(MirrorSample.json("1"), MirrorSample.json("2", status: 500))
        #expect(found == ["status value "])
        let comparison = AnswerComparison.compare(
            primary: MirrorSample.json("1"), candidate: MirrorSample.json("1", status: 201))
        #expect(comparison.candidate.differences.map(\.example) == [.init(baseline: "200", candidate: "201")])
        #expect(!comparison.candidate.isBodyCompared)
        #expect(!comparison.candidate.isEqual)
    }

    @Test func headersAreFoundInAnyCase() {
        var (left, right) = (MirrorSample.answer(""), MirrorSample.answer(""))
        left.fields += [MirrorSample.field("LOCATION", "/a"), MirrorSample.field("date", "1")]
        right.fields += [MirrorSample.field("Location", " /a\t"), MirrorSample.field("date", "2")]
        #expect(MirrorSample.found(left, right) == [])
        right.fields[1].value = Array("/b".utf8)
        #expect(MirrorSample.found(left, right) == ["header value location"])
        right.fields.remove(at: 1)
        #expect(MirrorSample.found(left, right) == ["header missing location"])
        #expect(MirrorSample.found(right, left) == ["header extra location"])
    }

    @Test func valuesOfAFieldHaveAnOrder() {
        var options = ComparisonOptions()
        options.headers = ["vary"]
        let answer = { (values: [String]) in
            ComparedAnswer(status: 200, fields: values.map { MirrorSample.field("Vary", $0) })
        }
        #expect(MirrorSample.found(answer(["a", "b"]), answer(["a", "b"]), options: options) == [])
        #expect(MirrorSample.found(answer(["a", "b"]), answer(["b", "a"]), options: options) == ["header order vary"])
        #expect(MirrorSample.found(answer(["a", "b"]), answer(["a"]), options: options) == ["header value vary"])
        #expect(options.wants(header: "VARY") && options.wants(header: "Content-Type") && !options.wants(header: "x"))
    }

    @Test func bodiesThatAreNotJSONAreComparedAsBytes() {
        #expect(MirrorSample.found(MirrorSample.answer("abc"), MirrorSample.answer("abc")) == [])
        #expect(MirrorSample.found(MirrorSample.answer("abc"), MirrorSample.answer("abd")) == ["bytes value "])
        #expect(MirrorSample.found(MirrorSample.answer("abc"), MirrorSample.answer("ab")) == ["bytes length "])
        #expect(MirrorSample.found(MirrorSample.answer("{}"), MirrorSample.answer("{ }")) == ["bytes length "])
    }

    @Test(arguments: [
        ("application/json", true), ("Application/JSON; charset=utf-8", true), ("application/problem+json", true),
        ("text/json", true), ("application/x-ndjson", false), ("text/plain; a=application/json", false), ("", false),
    ]) func mediaTypeDecides(_ type: String, _ isJSON: Bool) {
        let found = MirrorSample.found(MirrorSample.answer("{}", type: type), MirrorSample.answer("{ }", type: type))
        #expect(found == (isJSON ? [] : ["bytes length "]))
    }

    @Test func whatIsNoJSONIsAnotherType() {
        #expect(MirrorSample.found("{}", "<html>") == ["type "])
        #expect(MirrorSample.found("", "{}") == ["type "])
        #expect(MirrorSample.found("{", "[") == ["bytes value "])
        #expect(MirrorSample.found("{", "{") == [])
    }

    @Test func limitsAreNamed() {
        var options = ComparisonOptions()
        options.maxFields = 3
        options.maxDepth = 2
        let limits = { (left: String, right: String) in
            let found = AnswerComparison.compare(
                primary: MirrorSample.json(left), candidate: MirrorSample.json(right), options: options
            ).candidate
            #expect(!found.isEqual)
            return found.limits
        }
        #expect(limits("[1,2,3]", "[1,2,4]") == [.fields])
        #expect(limits("1", "[1,2,4]") == [.fields])
        #expect(limits("[[[]]]", "1") == [.depth])
        options.maxDifferences = 1
        #expect(limits(#"{"a":1,"b":1}"#, #"{"a":2,"b":2}"#) == [.differences])
        options.maxPathBytes = 4
        #expect(limits(#"{"ab":{"cd":1}}"#, #"{"ab":{"cd":2}}"#) == [.pathBytes])
        #expect(MirrorSample.found(#"{"ab":{"cd":1}}"#, #"{"ab":{"cd":2}}"#, options: options) == ["value /ab/…"])
    }

    @Test func longBodiesAreNotKept() {
        var answer = ComparedAnswer(status: 200)
        answer.appendBody([1, 2, 3].span, limit: 4)
        #expect(answer.body == [1, 2, 3] && answer.isWhole)
        answer.appendBody([4, 5].span, limit: 4)
        answer.appendBody([6].span, limit: 4)
        #expect(answer.body == [] && !answer.isWhole && answer.bodyLength == 6)
        let found = AnswerComparison.compare(primary: answer, candidate: answer).candidate
        #expect(found.limits == [.bodyBytes] && !found.isBodyCompared && !found.isEqual)
    }

    @Test func compressedBodiesAreComparedAsBytes() {
        var (left, right) = (MirrorSample.json("abc"), MirrorSample.json("abd"))
        left.fields.append(MirrorSample.field("Content-Encoding", "gzip"))
        right.fields.append(MirrorSample.field("Content-Encoding", "gzip"))
        #expect(MirrorSample.found(left, right) == ["bytes value "])
        #expect(AnswerComparison.compare(primary: left, candidate: right).candidate.limits == [.contentEncoding])
        #expect(AnswerComparison.compare(primary: left, candidate: left).candidate.isEqual)
    }

    @Test func noiseIsComparedWithThePrimaryToo() {
        let comparison = AnswerComparison.compare(
            primary: MirrorSample.json(#"{"t":1,"a":1}"#), candidate: MirrorSample.json(#"{"t":2,"a":2}"#),
            noise: MirrorSample.json(#"{"t":3,"a":1}"#))
        #expect(comparison.candidate.differences.map(\.key.path) == ["/t", "/a"])
        #expect(comparison.noise?.differences.map(\.key.path) == ["/t"])
    }

    @Test func examplesAreShortAndHarmless() throws {
        let comparison = AnswerComparison.compare(
            primary: MirrorSample.json(#"{"a":"\#(String(repeating: "é", count: 100))"}"#),
            candidate: MirrorSample.json(#"{"a":[1,2]}"#))
        let example = try #require(comparison.candidate.differences.first?.example)
        #expect(example.baseline == "\"" + String(repeating: "é", count: 39) + "…")
        #expect(example.candidate == "[1,2]")
        #expect(BoundedText.make(Array("a\u{1B}[2J\u{85}".utf8), limit: 80) == "a\u{FFFD}[2J\u{FFFD}")
        #expect(BoundedText.make([0x61, 0xFF], limit: 80) == "a\u{FFFD}")
        #expect(BoundedText.make(Array("abc".utf8), limit: 0) == nil)
    }
}
