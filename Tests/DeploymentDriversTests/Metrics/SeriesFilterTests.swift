import DeliveryModel
import Testing

@testable import DeploymentDrivers

struct SeriesFilterTests {
    static let sample = ExpositionText.Sample(
        name: "orders_total", labels: ["status": "paid", "path": "/buy/7\nx", "currency": "€"], value: 1)

    static func filter(_ text: String) throws -> SeriesFilter {
        try SeriesFilter(text, for: try MetricFixture.subject(commit: "pai\"d"))
    }

    @Test(arguments: [
        "orders_total", " orders_total\n{ } ", #"orders_total{status="paid"}"#, #"orders_total{status!="open"}"#,
        #"orders_total{status=~"pa|paid"}"#, #"orders_total{status=~"p.*",path=~"/buy/.*"}"#,
        #"orders_total{status!~"pai|aid"}"#, #"orders_total{ status = "paid" , path != "/buy/7" }"#,
        #"orders_total{path="/buy/7\nx"}"#, #"orders_total{absent=""}"#, #"orders_total{absent!="x"}"#,
        #"orders_total{absent=~".*"}"#, #"orders_total{absent!~".+"}"#, #"orders_total{currency=~"."}"#,
        #"orders_total{status=~"(?i)PAID"}"#,
        #"orders_total{status=~"[a-p]+i\\w"}"#,
    ])
    func matches(_ text: String) throws { #expect(try Self.filter(text).matches(Self.sample)) }

    @Test(arguments: [
        "orders", "orders_total_x", #"orders_total{status="PAID"}"#, #"orders_total{status!="paid"}"#,
        #"orders_total{status=~"pai"}"#, #"orders_total{status=~"aid"}"#, #"orders_total{status!~"p.*"}"#,
        #"orders_total{absent!=""}"#, #"orders_total{absent=~".+"}"#, #"orders_total{status="paid",status="open"}"#,
    ])
    func doesNotMatch(_ text: String) throws { #expect(try !Self.filter(text).matches(Self.sample)) }

    @Test func placeholdersAreFilledAsTheyAre() throws {
        let filter = try Self.filter(#"m{c="{{commit}}",r=~"{{release}}",s!="{{service}}"}"#)
        let labels = ["c": "pai\"d", "r": "sha256:\(MetricFixture.release)"]
        #expect(filter.matches(.init(name: "m", labels: labels, value: 1)))
        #expect(!filter.matches(.init(name: "m", labels: labels.merging(["s": "shop"]) { $1 }, value: 1)))
    }

    @Test(arguments: [
        ("", "expected a metric's name"), ("sum(a)", "found sum(a): instances know no PromQL"),
        ("a[5m]", "expected a metric's name"), ("a{b=~\"(\"}", "'(' of label b is no regular expression"),
        ("a{b=\"{{relase}}\"}", "unknown placeholder {{relase}}"),
        (String(repeating: "a", count: ServiceFileLimits.queryBytes + 1), "the limit is 4096"),
    ])
    func whatIsNoSelectorIsSaid(_ text: String, _ words: String) {
        let error = #expect(throws: MetricError.self) { _ = try Self.filter(text) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
