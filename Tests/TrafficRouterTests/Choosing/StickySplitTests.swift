import DeliveryModel
import Testing

@testable import TrafficRouter

/// Single decisions of the sticky split; `StickinessTests` looks at people over time.
@Suite struct StickySplitTests {
    static let seen = ".ffffffffffff"

    /// A key whose bucket lies within the candidate's first `share` buckets, or behind them.
    static func key(within share: Int, _ isWithin: Bool = true) throws -> String {
        let hash = SplitHash(salt: "ffffffffffff")
        for number in 0..<100_000 as Range<UInt64> {
            let key = ChoosingSample.key(number)
            if (hash.bucket(of: key) < share) == isWithin { return StickyCookie(key: key).text }
        }
        throw CancellationError()
    }

    static func decide(_ releases: [RoutedRelease], _ cookie: String?) throws -> (
        release: Int?, cookie: String?, drawn: Int
    ) {
        let split = StickySplit(try ChoosingSample.service(releases))
        var drawn = 0
        let decision = split.decide(try ChoosingSample.cookie(cookie)) {
            drawn += 1
            return (7, 8)
        }
        return (decision?.release, decision?.cookie?.text, drawn)
    }

    @Test func whoHasNoKeyGetsOne() throws {
        for cookie in [nil, "", "x", "0123"] {
            let decision = try Self.decide(try ChoosingSample.pair(candidate: 1), cookie)
            #expect(decision.release == 0 && decision.drawn == 1)
            #expect(decision.cookie == "00000000000000070000000000000008")
        }
    }

    @Test func theBaselinesPeopleNeedNothingMore() throws {
        let key = try Self.key(within: 1_000, false)
        for cookie in [key, key + ".0123456789ab"] {
            let decision = try Self.decide(try ChoosingSample.pair(candidate: 1_000), cookie)
            #expect(decision.release == 0 && decision.cookie == nil && decision.drawn == 0)
        }
    }

    @Test func whoIsSentToTheCandidateIsRemembered() throws {
        let key = try Self.key(within: 1_000)
        for cookie in [key, key + ".0123456789ab"] {
            let decision = try Self.decide(try ChoosingSample.pair(candidate: 1_000), cookie)
            #expect(decision.release == 1 && decision.cookie == key + Self.seen && decision.drawn == 0)
        }
        let again = try Self.decide(try ChoosingSample.pair(candidate: 1_000), key + Self.seen)
        #expect(again.release == 1 && again.cookie == nil)
    }

    @Test(arguments: [1, 1_000, 9_999, 10_000]) func memoryOutlastsALoweredShare(_ share: Int) throws {
        let key = try Self.key(within: share, share == 10_000)
        let decision = try Self.decide(try ChoosingSample.pair(candidate: share), key + Self.seen)
        #expect(decision.release == 1 && decision.cookie == nil && decision.drawn == 0)
    }

    @Test func aCandidateWithAllTheShareIsRemembered() throws {
        let releases = try ChoosingSample.pair(candidate: 10_000)
        let first = try Self.decide(releases, nil)
        #expect(first.release == 1 && first.cookie == "00000000000000070000000000000008" + Self.seen)
        let key = try Self.key(within: 5_000, false)
        #expect(try Self.decide(releases, key).cookie == key + Self.seen)
    }

    @Test func memoryOfAReleaseWithoutShareCountsForNothing() throws {
        let key = try Self.key(within: 9_999)
        let dark = try Self.decide(try ChoosingSample.pair(candidate: 0), key + Self.seen)
        #expect(dark.release == 0 && dark.cookie == nil && dark.drawn == 0)
        // A dark candidate beside two releases that serve people.
        let releases = [
            try ChoosingSample.release("a", 5_000), try ChoosingSample.release("b", 5_000),
            try ChoosingSample.release("f", 0, salt: "ffffffffffff", role: .candidate),
        ]
        for number in 0..<100 as Range<UInt64> {
            let cookie = StickyCookie(key: ChoosingSample.key(number)).text + Self.seen
            #expect(try Self.decide(releases, cookie).release != 2)
        }
    }

    @Test func memoryOfAnotherReleaseThanTheCandidateCountsForNothing() throws {
        let key = try Self.key(within: 1_000, false)
        // The baseline has a share; that it may be named so would not harm, but is not what is remembered.
        let within = try Self.key(within: 1_000)
        #expect(try Self.decide(try ChoosingSample.pair(candidate: 1_000), within + ".aaaaaaaaaaaa").release == 1)
        #expect(try Self.decide(try ChoosingSample.pair(candidate: 1_000), key + ".eeeeeeeeeeee").release == 0)
        // The next candidate.
        let next = try ChoosingSample.pair(candidate: 1, digit: "e")
        let decision = try Self.decide(next, key + Self.seen)
        #expect(decision.release == 0 && decision.cookie == nil)
    }

    @Test func memoryOfACandidateWithoutInstancesCountsForNothing() throws {
        var releases = try ChoosingSample.pair(candidate: 1_000)
        let key = try Self.key(within: 1_000, false)
        releases[1].instances[0].draining = true
        #expect(try Self.decide(releases, key + Self.seen).release == 0)
        releases[1].instances = []
        #expect(try Self.decide(releases, key + Self.seen).release == 0)
        // The split does not look at instances; but nobody is kept where nobody answers.
        let within = try Self.key(within: 1_000)
        #expect(try Self.decide(releases, within).cookie == nil)
    }

    @Test func oneReleaseNeedsNoCookie() throws {
        for releases in [
            [try ChoosingSample.release("a", 10_000)], try ChoosingSample.pair(candidate: 10_000, roles: false),
        ] {
            let decision = try Self.decide(releases, nil)
            #expect(decision.release == releases.count - 1 && decision.cookie == nil && decision.drawn == 0)
        }
        #expect(try Self.decide([try ChoosingSample.release("a", 0)], nil).release == nil)
        #expect(try Self.decide([], nil).release == nil)
    }

    @Test func theFirstCookieThatIsOneCounts() throws {
        let key = try Self.key(within: 1_000)
        let name = RouterNames.keyCookie
        let head = try ChoosingSample.head("GET /", ["Cookie: \(name)=x; \(name)=\(key) ; z", "Cookie: \(name)=y"])
        let split = StickySplit(try ChoosingSample.service(try ChoosingSample.pair(candidate: 1_000)))
        #expect(split.decide(head) { (1, 1) }?.cookie?.text == key + Self.seen)
    }
}

/// By a header's value instead of a cookie.
@Suite struct StickyHeaderTests {
    private func release(_ share: Int, _ fields: [String], digit: Character = "f", drawn: UInt64 = 1) throws -> Int? {
        let service = try ChoosingSample.service(
            try ChoosingSample.pair(candidate: share, digit: digit), sticky: .header("X-User-ID"))
        let decision = StickySplit(service).decide(try ChoosingSample.head("GET /", fields)) { (drawn, drawn) }
        #expect(decision?.cookie == nil)
        return decision?.release
    }

    @Test func theValueDecides() throws {
        var counts = [0, 0]
        for user in 0..<400 {
            let first = try #require(try release(5_000, ["x-user-id: \(user)"]))
            #expect(try release(5_000, ["Cookie: nonevent-key=zzz", "X-USER-ID:  \(user) "], drawn: 99) == first)
            // Of several only the first counts.
            #expect(try release(5_000, ["x-user-id: \(user)", "x-user-id: other"]) == first)
            counts[first] += 1
        }
        #expect(counts.allSatisfy { (140...260).contains($0) })
    }

    @Test func growthMovesPeopleToTheCandidateOnly() throws {
        for user in 0..<100 {
            let seen = try [0, 100, 1_000, 5_000, 9_000, 10_000].map { try release($0, ["x-user-id: u\(user)"]) == 1 }
            #expect(seen == seen.sorted { !$0 && $1 })
        }
    }

    @Test func eachCandidateHasOtherFirstPeople() throws {
        let people = { (digit: Character) in
            try (0..<400).filter { try release(1_000, ["x-user-id: \($0)"], digit: digit) == 1 }
        }
        #expect(try people("f") != people("e"))
    }

    /// Without the header, or with nothing in it, chance decides at each request.
    @Test(arguments: [[], ["x-user-id:"], ["x-other: 1"]]) func chanceDecidesWithoutIt(_ fields: [String]) throws {
        let hits = try (1...400 as ClosedRange<UInt64>).count { try release(5_000, fields, drawn: $0) == 1 }
        #expect((140...260).contains(hits))
    }
}
