import Testing

@testable import DeploymentDrivers

struct ExpositionTextTests {
    typealias Sample = ExpositionText.Sample

    private func samples(_ text: String) throws -> [Sample] { try ExpositionText.samples(Array(text.utf8)) }

    /// The example of <https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-example>, shortened.
    @Test func theFormatsOwnExampleIsRead() throws {
        let text = #"""
            # HELP http_requests_total The total number of HTTP requests.
            # TYPE http_requests_total counter
            http_requests_total{method="post",code="200"} 1027 1395066363000
            http_requests_total{method="post",code="400"}    3 1395066363000

            # Escaping in label values:
            msdos_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

            # Minimalistic line:
            metric_without_timestamp_and_labels 12.47

            # A weird metric from before the epoch:
            something_weird{problem="division by zero"} +Inf -3982045

            http_request_duration_seconds_bucket{le="+Inf"} 144320

            """#
        let moment: Int64 = 1_395_066_363_000
        let expected = [
            Sample(
                name: "http_requests_total", labels: ["method": "post", "code": "200"], value: 1027, timestamp: moment),
            Sample(
                name: "http_requests_total", labels: ["method": "post", "code": "400"], value: 3, timestamp: moment),
            Sample(
                name: "msdos_seconds",
                labels: ["path": #"C:\DIR\FILE.TXT"#, "error": "Cannot find file:\n\"FILE.TXT\""],
                value: 1_458_255_915),
            Sample(name: "metric_without_timestamp_and_labels", value: 12.47),
            Sample(
                name: "something_weird", labels: ["problem": "division by zero"], value: .infinity,
                timestamp: -3_982_045),
            Sample(name: "http_request_duration_seconds_bucket", labels: ["le": "+Inf"], value: 144_320),
        ]
        #expect(try samples(text) == expected)
        #expect(
            try ExpositionText.samples(Array(text.utf8), named: "something_weird").map(\.value) == [.infinity])
    }

    @Test(arguments: [
        ("a 1", Sample(name: "a", value: 1)), (" \t a \t1 ", Sample(name: "a", value: 1)),
        ("a{} -0.5e-3\n", Sample(name: "a", value: -0.0005)),
        ("a:b_9 -Inf", Sample(name: "a:b_9", value: -.infinity)),
        ("a {b=\"\",} 0x10", Sample(name: "a", labels: ["b": ""], value: 16)),
        ("a{ b = \"}, #\" , c=\"ä\" }1", Sample(name: "a", labels: ["b": "}, #", "c": "ä"], value: 1)),
        ("\n\n# a 2\n#\n  # x\na 1\n\n", Sample(name: "a", value: 1)),
    ])
    func goodLinesAreRead(_ text: String, _ sample: Sample) throws { #expect(try samples(text) == [sample]) }

    @Test func notANumberIsAValue() throws {
        #expect(try samples("a NaN\n").first?.value.isNaN == true)
        #expect(try samples("").isEmpty)
    }

    @Test(arguments: [
        ("a", "expected a number as the value of a, found the end"), ("a x", "expected a number"),
        ("a 1 2 3", "expected the line's end, found '3'"), ("a 1 2.5", "expected a timestamp"),
        ("a 1 # {x=\"1\"} 1", "expected a timestamp"), ("1a 1", "expected a metric's name, found '1a 1'"),
        ("{b=\"c\"} 1", "expected a metric's name"), ("a{b=\"c\" 1", "expected ',' or '}'"),
        ("a{b=\"c} 1", "has no closing quote"), ("a{b=c} 1", "in double quotes"), ("a{b} 1", "expected '='"),
        ("a{1=\"c\"} 1", "expected a label's name"), ("a{b=\"\\t\"} 1", "after a backslash"),
        ("a{b=\"1\",b=\"2\"} 1", "label b is there twice"), ("a{b:c=\"1\"} 1", "expected '='"),
        ("a{,} 1", "expected a label's name"), ("a\r 1", "expected a number"), ("<html>", "expected a metric's name"),
    ])
    func badLinesAreNamed(_ line: String, _ words: String) throws {
        let error = #expect(throws: ExpositionText.Malformed.self) { try samples("# one\nb 1\n\(line)\nc 1\n") }
        #expect(error?.line == 3)
        #expect(error?.words.contains(words) == true, "\(error?.words ?? "")")
    }

    @Test func badLinesOfOtherMetricsAreErrorsToo() {
        #expect(throws: ExpositionText.Malformed.self) {
            try ExpositionText.samples(Array("a 1\nb{ 1\n".utf8), named: "a")
        }
    }

    @Test func textThatIsNotUTF8IsSaid() {
        #expect(throws: ExpositionText.Malformed(line: 1, words: "the value of b is not UTF-8")) {
            try ExpositionText.samples(Array("a{b=\"".utf8) + [0xFF] + Array("\"} 1\n".utf8))
        }
    }

    @Test func tooMuchTextIsNotRead() {
        #expect(throws: ExpositionText.Malformed.self) {
            try ExpositionText.samples([UInt8](repeating: 0x0A, count: ExpositionText.sizeLimit + 1))
        }
    }
}
