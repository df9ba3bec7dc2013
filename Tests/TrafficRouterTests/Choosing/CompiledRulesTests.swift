import DeliveryModel
import Testing

@testable import TrafficRouter

/// Which requests a rule takes.
@Suite struct CompiledRulesTests {
    struct Case: CustomTestStringConvertible {
        let rule: String
        let start: String
        let fields: [String]
        let peer: String?
        let applies: Bool
        var testDescription: String { "\(rule) | \(start) \(fields) \(peer ?? "")" }
    }

    /// The rule `text` without its release, in the form `header x-beta = 1; method GET POST`.
    static func rule(_ text: String) throws -> RouteRule {
        var rule = RouteRule(release: .candidate)
        for part in text.split(separator: "; ") {
            let words = part.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            switch words[0] {
            case "header": rule.header = try condition(words)
            case "cookie": rule.cookie = try condition(words)
            case "query": rule.query = try condition(words)
            case "method": rule.methods = Array(words.dropFirst())
            case "prefix": rule.pathPrefix = words[1]
            case "regex": rule.pathRegex = words.dropFirst().joined(separator: " ")
            default: rule.source = try words.dropFirst().map { try #require(AddressRange($0)) }
            }
        }
        #expect(rule.hasCondition)
        return rule
    }

    private static func condition(_ words: [String]) throws -> FieldCondition {
        let value = words.dropFirst(3).joined(separator: " ")
        let tests: [String: FieldCondition.Test] = [
            "=": .equals(value), "^": .prefix(value), "~": .regex(value), "+": .present(true), "-": .present(false),
        ]
        return FieldCondition(name: words[1], try #require(tests[words[2]]))
    }

    static func applies(_ rule: String, _ head: RequestHead, _ peer: String? = nil) throws -> Bool {
        let service = try ChoosingSample.service(try ChoosingSample.pair(candidate: 0), rules: [try Self.rule(rule)])
        return CompiledRules(service).first(head, peer.flatMap { IPAddress($0) }) != nil
    }

    @Test(arguments: headers + cookies + queries) func fields(_ given: Case) throws { try check(given) }
    @Test(arguments: methods + paths + sources + several) func otherConditions(_ given: Case) throws {
        try check(given)
    }

    private func check(_ given: Case) throws {
        let head = try ChoosingSample.head(given.start, given.fields)
        #expect(try Self.applies(given.rule, head, given.peer) == given.applies)
    }

    @Test func onlyTheFirstFourKilobytesAreSearched() throws {
        let long = String(repeating: "a", count: 4_095)
        for (path, applies) in [("\(long)", true), ("\(long)a", false), ("\(long)/x", false)] {
            #expect(try Self.applies("regex a$", try ChoosingSample.head("GET /\(path)")) == applies)
        }
        #expect(try !Self.applies("regex x", try ChoosingSample.head("GET /\(long)x")))
        let encoded = String(repeating: "%61", count: 4_096)
        for (value, applies) in [(encoded, true), (encoded + "x", false)] {
            let head = try ChoosingSample.head("GET /?q=\(value)")
            #expect(try Self.applies("query q ~ ^a+$", head) == applies)
            #expect(try Self.applies("query q ~ ^a+", head))
        }
    }

    /// A value longer than what is searched is still compared whole.
    @Test func longValuesAreCompared() throws {
        let long = String(repeating: "a", count: 5_000)
        let head = try ChoosingSample.head("GET /", ["x: \(long)", "Cookie: c=\(long)"])
        for rule in ["header x = ", "cookie c = "] {
            #expect(try Self.applies(rule + long, head))
            #expect(try !Self.applies(rule + long.dropLast(), head))
        }
    }

    @Test func anAddressThatIsUnknownIsInNoRange() throws {
        #expect(try !Self.applies("source 0.0.0.0/0 ::/0", try ChoosingSample.head()))
    }

    @Test func anAbsoluteFormWithoutPathMeansTheRoot() throws {
        let head = try ChoosingSample.head("GET http://shop.test")
        #expect(
            try Self.applies("regex ^/$", head) && Self.applies("prefix /", head) && !Self.applies("prefix /a", head))
        #expect(try Self.applies("regex ^$", try ChoosingSample.head("OPTIONS http://shop.test")))
    }
}
