import DeliveryModel
import Testing

@testable import TrafficRouter

struct TrafficSplitTests {
    static func releases(candidate: Int, salt: String = "salt") throws -> [RoutedRelease] {
        [try ChoosingSample.release("a", 10_000 - candidate), try ChoosingSample.release("f", candidate, salt: salt)]
    }

    @Test(arguments: [1, 10, 100, 500, 2_500, 5_000, 9_999])
    func sharesHoldWithinThreeSigma(basisPoints: Int) throws {
        let split = TrafficSplit(releases: try Self.releases(candidate: basisPoints))
        let count = 100_000
        let hits = (0..<count).count { split.release("person-\($0)") == 1 }
        let share = Double(basisPoints) / 10_000
        let sigma = (Double(count) * share * (1 - share)).squareRoot()
        #expect(abs(Double(hits) - Double(count) * share) <= 3 * sigma)
    }

    @Test(arguments: [3, 50, 100, 1_000, 3_333, 9_000])
    func sharesOfDrawnKeysHoldWithinThreeSigma(basisPoints: Int) throws {
        let split = TrafficSplit(releases: try Self.releases(candidate: basisPoints, salt: "0123456789ab"))
        var random = SeededRandom(seed: UInt64(basisPoints))
        let count = 100_000
        let hits = (0..<count).count { _ in split.release(key: PersonKey((random.next(), random.next()))) == 1 }
        let share = Double(basisPoints) / 10_000
        let sigma = (Double(count) * share * (1 - share)).squareRoot()
        #expect(abs(Double(hits) - Double(count) * share) <= 3 * sigma)
    }

    @Test func threeReleasesHaveTheirShares() throws {
        let split = TrafficSplit(releases: [
            try ChoosingSample.release("a", 5_000), try ChoosingSample.release("b", 3_000),
            try ChoosingSample.release("c", 2_000, salt: "x"),
        ])
        var hits = [0, 0, 0]
        for person in 0..<100_000 { hits[split.release("p\(person)") ?? 0] += 1 }
        for (hit, share) in zip(hits, [0.5, 0.3, 0.2]) {
            #expect(abs(Double(hit) - 100_000 * share) <= 3 * (100_000 * share * (1 - share)).squareRoot())
        }
    }

    @Test func whoSawTheCandidateStillDoesWhenItsShareGrows() throws {
        let steps = try [1, 50, 100, 1_000, 5_000, 10_000].map {
            TrafficSplit(releases: try Self.releases(candidate: $0))
        }
        for person in 0..<20_000 {
            let seen = steps.map { $0.release("k\(person)") == 1 }
            #expect(seen == seen.sorted { !$0 && $1 })
        }
    }

    @Test func anotherSaltChoosesOtherPeople() throws {
        let first = TrafficSplit(releases: try Self.releases(candidate: 1_000, salt: "one"))
        let second = TrafficSplit(releases: try Self.releases(candidate: 1_000, salt: "two"))
        let both = (0..<100_000).count { first.release("k\($0)") == 1 && second.release("k\($0)") == 1 }
        // Independent draws meet in 1 % of the people; three sigma is 94.
        #expect(abs(both - 1_000) <= 94)
    }

    @Test func theHashIsFixedForEver() {
        // Computed by a separate program from the published definitions.
        #expect(SplitHash(salt: "").hash("") == 0xefd01f60ba992926)
        #expect(SplitHash(salt: "salt").hash("key") == 0x073ca8dd5c24efd4)
        #expect(SplitHash(salt: "ab").hash("c") == SplitHash(salt: "a").hash("bc"))
    }

    @Test func aKeyHasTheBucketOfItsDigits() {
        let salted = SplitHash(salt: "0123456789ab")
        for number in 0..<1_000 as Range<UInt64> {
            let key = ChoosingSample.key(number)
            #expect(salted.bucket(of: key) == Int(salted.hash(StickyCookie(key: key).text) % 10_000))
        }
    }

    @Test func orderOfTheTableDoesNotMatter() throws {
        let releases = try Self.releases(candidate: 3_000)
        let (forward, backward) = (TrafficSplit(releases: releases), TrafficSplit(releases: releases.reversed()))
        for person in 0..<1_000 {
            #expect(forward.release("\(person)") == backward.release("\(person)").map { 1 - $0 })
        }
    }

    @Test func noShareMeansNoRelease() throws {
        let dark = try ["a", "b"].map { try ChoosingSample.release($0, 0) }
        #expect(TrafficSplit(releases: dark).release("x") == nil)
        #expect(TrafficSplit(releases: []).only == nil)
        #expect(TrafficSplit(releases: try Self.releases(candidate: 0)).needsKey == false)
        #expect(TrafficSplit(releases: try Self.releases(candidate: 10_000)).only == 1)
    }
}

extension TrafficSplit {
    fileprivate func release(_ key: String) -> Int? {
        let bytes = Array(key.utf8)
        return release(key: bytes.span)
    }
}

extension SplitHash {
    fileprivate func hash(_ key: String) -> UInt64 {
        let bytes = Array(key.utf8)
        return hash(of: bytes.span)
    }
}
