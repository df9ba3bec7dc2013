import DeliveryModel
import Testing

@testable import TrafficRouter

/// Releases that clients name.
@Suite struct ExplicitReleaseTests {
    static func releases() throws -> [RoutedRelease] {
        [
            try ChoosingSample.release("a", 10_000, commit: "abcd1234"),
            try ChoosingSample.release("b", 0, commit: "abcd9999"),
            try ChoosingSample.release("c", 0, commit: "cafe", instances: 0),
            try ChoosingSample.release("d", 0, commit: "dead", instances: 0, draining: 2),
        ]
    }

    @Test(
        arguments: [
            ("abcd1", .found(0)), ("abcd1234", .found(0)), ("abcd12345", .unknown), ("sha256:bbbb", .found(1)),
            ("bbbbbb", .found(1)),
            ("abcd", .ambiguous), ("aaa", .unknown), ("cafe", .unknown), ("dead", .unknown), ("", .unknown),
            ("sha256:", .unknown),
            ("sha256:aaa", .unknown), ("ABCD1", .unknown), ("sha256:abcd1", .found(0)), ("bcd1", .unknown),
            (String(repeating: "a", count: 64), .found(0)), (String(repeating: "a", count: 65), .unknown),
        ] as [(String, ReleaseNames.Match)])
    func names(wish: String, expected: ReleaseNames.Match) throws {
        let bytes = Array(wish.utf8)
        let names = ReleaseNames(try Self.releases())
        let match = names.match(bytes.span)
        #expect(match == expected)
    }

    private func choose(_ fields: [String], _ preview: PreviewPolicy = .anyone) throws -> Choice {
        let service = try ChoosingSample.service(try Self.releases(), preview: preview)
        return ServiceChooserTests.choose(service, try ChoosingSample.head("GET /", fields))
    }

    private func named(_ index: Int) -> Choice {
        .release(index: index, how: .named, isCounted: false, setCookie: nil, mayName: true)
    }

    private let usual = Choice.release(index: 0, how: .only, isCounted: true, setCookie: nil, mayName: true)

    @Test func headerAndCookieName() throws {
        #expect(try choose(["X-NonEvent-Release: bbbb"]) == named(1))
        #expect(try choose(["Cookie: a=b; x-nonevent-release=abcd9"]) == named(1))
        #expect(try choose(["Cookie: x-nonevent-release=bbbb", "x-nonevent-release: aaaa"]) == named(0))
        #expect(try choose([]) == usual)
    }

    @Test func aCookieThatNamesNothingIsIgnored() throws {
        for wish in ["", "cafe", "abcd", "bbb"] { #expect(try choose(["Cookie: x-nonevent-release=\(wish)"]) == usual) }
    }

    @Test func aHeaderThatNamesNothingIsRefused() throws {
        let given = "the x-nonevent-release given;"
        let unknown =
            "no release of service 'shop' with running instances starts with \(given) name at least 4 characters of a "
            + "commit or digest"
        for wish in ["", "cafe", "dead", "bbb", "x y"] {
            let choice = try choose(["x-nonevent-release: \(wish)", "Cookie: x-nonevent-release=bbbb"])
            #expect(choice == .refuse(status: 404, text: unknown))
        }
        let ambiguous = "several releases of service 'shop' start with \(given) name more characters"
        #expect(try choose(["x-nonevent-release: abcd"]) == .refuse(status: 404, text: ambiguous))
    }

    @Test func whoMayNotNameIsNotHeard() throws {
        let ignored = Choice.release(index: 0, how: .only, isCounted: true, setCookie: nil, mayName: false)
        for fields in [["x-nonevent-release: bbbb"], ["x-nonevent-release: nope"], ["Cookie: x-nonevent-release=bbbb"]]
        {
            #expect(try choose(fields, .nobody) == ignored)
            #expect(try choose(fields, .loopback) == ignored)
        }
    }

    @Test(
        arguments: [
            (.anyone, nil, true), (.anyone, "203.0.113.9", true), (.loopback, nil, false),
            (.loopback, "127.0.0.1", true),
            (.loopback, "::1", true), (.loopback, "::ffff:127.0.0.1", true), (.loopback, "203.0.113.9", false),
            (.loopback, "10.1.2.3", true), (.nobody, nil, false), (.nobody, "127.0.0.1", false),
            (.nobody, "::ffff:10.0.0.1", true),
        ] as [(PreviewPolicy, String?, Bool)])
    func whoMayName(preview: PreviewPolicy, peer: String?, expected: Bool) throws {
        let range = try #require(AddressRange("10.0.0.0/8"))
        let service = try ChoosingSample.service(try Self.releases(), preview: preview, previewFrom: [range])
        let head = try ChoosingSample.head("GET /", ["x-nonevent-release: bbbb"])
        let choice = ServiceChooserTests.choose(service, head, peer.flatMap { IPAddress($0) })
        #expect(ServiceChooserTests.index(choice) == (expected ? 1 : 0))
    }

    @Test func aNameComesBeforeRules() throws {
        let rule = RouteRule(header: FieldCondition(name: "host", .present(true)), release: .named("aaaa"))
        let service = try ChoosingSample.service(try Self.releases(), rules: [rule], preview: .anyone)
        #expect(
            ServiceChooserTests.choose(service, try ChoosingSample.head("GET /", ["x-nonevent-release: bbbb"]))
                == named(1))
    }
}
