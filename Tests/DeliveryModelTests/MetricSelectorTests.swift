import DeliveryModel
import Testing

@Suite struct MetricSelectorTests {
    @Test(arguments: [
        ("orders_total", 0), (" :job:orders:sum ", 0), ("x{}", 0), ("x{ }", 0), ("x{a=\"b\"}", 1),
        ("x { a = \"b\" , c!=\"d\",e=~\"f.*\",g!~\"\" } ", 4), ("x{a=\"}{,\"}", 1), ("_x9{a=\"{{release}}\"}", 1),
    ])
    func selectorsAreRead(text: String, matchers: Int) throws {
        #expect(try #require(MetricSelector(text)).matchers.count == matchers)
    }

    @Test func partsAndEscapesAreRead() throws {
        let read = try #require(MetricSelector(#"http_requests{code!~"5..",path="a\\b\"c\nd"}"#))
        #expect(read.name == "http_requests")
        #expect(read.matchers.map(\.label) == ["code", "path"])
        #expect(read.matchers.map(\.comparison) == [.matchesNot, .equals])
        #expect(read.matchers.map(\.value) == ["5..", "a\\b\"c\nd"])
    }

    @Test(arguments: [
        "", " ", "{}", "{a=\"b\"}", "9x", "x y", "x{", "x}", "x{a}", "x{a=b}", "x{a='b'}", "x{a=\"b}", "x{a=\"b\",}",
        "x{,}", "x{a==\"b\"}", "x{a>\"b\"}", "x{a:b=\"c\"}", "x{a=\"\\d\"}", "x{a=\"b\"} offset 5m", "x[5m]",
        "rate(x[5m])", "sum(x)", "x + y", "x{a=\"b\"}{c=\"d\"}", "größe", "x{a=\"\\",
    ])
    func otherTextsAreNone(text: String) { #expect(MetricSelector(text) == nil) }
}
