import DeliveryModel
import Testing

@testable import TrafficRouter

@Suite struct ServiceChooserTests {
    static let remote = IPAddress(ipv4: 0xCB00_7109)
    static let local = IPAddress(ipv4: 0x7F00_0001)

    static func choose(_ service: RoutedService, _ head: RequestHead, _ peer: IPAddress? = remote) -> Choice {
        ServiceChooser(service: service).choose(head: head, peer: peer) { (7, 8) }
    }

    static func index(_ choice: Choice) -> Int? {
        guard case .release(let index, _, _, _, _) = choice else { return nil }
        return index
    }

    // MARK: Rules

    static func rules(_ releases: [RoutedRelease], _ rules: RouteRule...) throws -> RoutedService {
        try ChoosingSample.service(releases, rules: rules)
    }

    private func rule(_ name: String, _ release: ReleaseSelector, counted: Bool = false) -> RouteRule {
        RouteRule(
            name: name, header: FieldCondition(name: "x-\(name)", .present(true)), release: release, counted: counted)
    }

    @Test func theFirstRuleThatAppliesWins() throws {
        let releases = try ChoosingSample.pair(candidate: 1_000)
        let service = try Self.rules(
            releases, rule("one", .candidate, counted: true), rule("two", .baseline), rule("", .named("0ld0")))
        let both = Self.choose(service, try ChoosingSample.head("GET /", ["x-two: 1", "x-one: 1"]))
        #expect(both == .release(index: 1, how: .rule("one"), isCounted: true, setCookie: nil, mayName: false))
        let second = Self.choose(service, try ChoosingSample.head("GET /", ["x-two: 1"]))
        #expect(second == .release(index: 0, how: .rule("two"), isCounted: false, setCookie: nil, mayName: false))
        let third = Self.choose(service, try ChoosingSample.head("GET /", ["x-: 1"]))
        #expect(third == .release(index: 0, how: .rule(""), isCounted: false, setCookie: nil, mayName: false))
        let none = Self.choose(service, try ChoosingSample.head())
        #expect(
            none
                == .release(
                    index: 0, how: .split, isCounted: true, setCookie: StickyCookie(key: PersonKey((7, 8))),
                    mayName: false))
    }

    @Test(
        arguments: [
            ("candidate", 1), ("baseline", 0), ("beef", 1), ("beef1234", 1), ("sha256:ffff", 1), ("ffffffffffff", 1),
            ("aaaa", 0),
            ("BEEF", nil), ("beef12345", nil), ("cafe", nil), ("sha256:fff", nil), ("dead", nil), ("same", nil),
        ] as [(String, Int?)])
    func releasesAreFound(selector: String, expected: Int?) throws {
        let releases =
            try ChoosingSample.pair(candidate: 0) + [
                try ChoosingSample.release("c", 0, commit: "cafe", instances: 0, draining: 1),
                try ChoosingSample.release("d", 0, commit: "dead", instances: 0),
                try ChoosingSample.release("1", 0, commit: "same1"),
                try ChoosingSample.release("2", 0, commit: "same2"),
            ]
        let service = try Self.rules(releases, rule("one", ReleaseSelector(selector)))
        let choice = Self.choose(service, try ChoosingSample.head("GET /", ["x-one: 1"]))
        #expect(
            choice
                == .release(
                    index: expected ?? 0, how: expected == nil ? .only : .rule("one"), isCounted: expected == nil,
                    setCookie: nil,
                    mayName: false))
    }

    @Test func aRuleWithoutItsReleaseIsPassedOver() throws {
        let alone = [try ChoosingSample.release("a", 10_000)]
        let service = try Self.rules(
            alone, rule("one", .candidate), rule("one", .named("beef")), rule("one", .named("aaaa")))
        #expect(Self.index(Self.choose(service, try ChoosingSample.head("GET /", ["x-one: 1"]))) == 0)
        var gone = try ChoosingSample.pair(candidate: 0)
        gone[1].instances[0].draining = true
        let both = try Self.rules(gone, rule("one", .candidate), rule("one", .baseline))
        #expect(
            Self.choose(both, try ChoosingSample.head("GET /", ["x-one: 1"]))
                == .release(
                    index: 0, how: .rule("one"), isCounted: false, setCookie: nil, mayName: false))
    }

    /// Tables with such a rule are refused; should one come through, the rule applies to nothing.
    @Test func aRuleWithAnUnknownExpressionIsPassedOver() throws {
        let broken = RouteRule(pathRegex: "(?=a)", release: .candidate)
        let service = try Self.rules(try ChoosingSample.pair(candidate: 0), broken)
        #expect(
            Self.choose(service, try ChoosingSample.head("GET /a"))
                == .release(
                    index: 0, how: .only, isCounted: true, setCookie: nil, mayName: false))
    }

    // MARK: Split

    @Test func withoutASharesNothingIsChosen() throws {
        let service = try ChoosingSample.service([try ChoosingSample.release("a", 0)])
        #expect(Self.choose(service, try ChoosingSample.head()) == .nothing)
        #expect(Self.choose(try ChoosingSample.service([]), try ChoosingSample.head()) == .nothing)
    }

    @Test func theSplitRemembersItsCandidates() throws {
        let service = try ChoosingSample.service(try ChoosingSample.pair(candidate: 10_000))
        let key = PersonKey((7, 8))
        let mark = ReleaseMark(try ChoosingSample.digest("f"))
        #expect(
            Self.choose(service, try ChoosingSample.head())
                == .release(
                    index: 1, how: .only, isCounted: true, setCookie: StickyCookie(key: key, seen: mark), mayName: false
                ))
        let half = try ChoosingSample.service(try ChoosingSample.pair(candidate: 1))
        let known = try ChoosingSample.cookie(StickyCookie(key: key, seen: mark).text)
        #expect(
            Self.choose(half, known)
                == .release(
                    index: 1, how: .split, isCounted: true, setCookie: nil, mayName: false))
    }

    /// A rule and a name are whims of one request: they are not remembered, and need no key.
    @Test func onlyTheSplitSetsCookies() throws {
        let service = try ChoosingSample.service(
            try ChoosingSample.pair(candidate: 5_000), rules: [rule("one", .candidate)], preview: .anyone)
        for field in ["x-one: 1", "x-nonevent-release: beef", "Cookie: x-nonevent-release=beef"] {
            guard
                case .release(1, _, false, nil, true) = Self.choose(service, try ChoosingSample.head("GET /", [field]))
            else {
                Issue.record("\(field)")
                continue
            }
        }
    }
}
