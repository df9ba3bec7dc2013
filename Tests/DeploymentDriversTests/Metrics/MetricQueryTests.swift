import DeliveryModel
import Testing

@testable import DeploymentDrivers

struct MetricQueryTests {
    @Test(arguments: [
        (#"sum(a{r="{{release}}"})"#, #"sum(a{r="sha256:\#(MetricFixture.release)"})"#),
        ("{{service}} {{commit}}{{service}}", "shop c0ffeeshop"),
        ("a{b=\"{{ release }}\"}", "a{b=\"{{ release }}\"}"),
        ("{{", "{{"), ("{{release", "{{release"), ("{{release}", "{{release}"), ("", ""),
        ("ä{{service}}ö", "äshopö"),
        ("{{{service}}}", "{shop}"),
    ])
    func placeholdersAreFilled(_ query: String, _ filled: String) throws {
        #expect(try MetricQuery.filled(query, for: try MetricFixture.subject()) == filled)
    }

    @Test func whatIsFilledInEndsNoString() throws {
        let subject = try MetricFixture.subject(commit: "a\"b'c`d\\e\nf{{service}}")
        #expect(
            try MetricQuery.filled("{{commit}}", for: subject) == #"a\x22b\x27c\x60d\\e\nf{{service}}"#)
    }

    @Test func anUnknownPlaceholderIsSaid() throws {
        let subject = try MetricFixture.subject()
        #expect(
            throws: MetricError(
                "unknown placeholder {{relase}} in a{b=\"{{relase}}\"}; expected one of {{release}}, "
                    + "{{commit}}, {{service}}")
        ) { try MetricQuery.filled("a{b=\"{{relase}}\"}", for: subject) }
    }
}
