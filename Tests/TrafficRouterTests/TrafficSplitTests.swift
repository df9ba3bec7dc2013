import DeliveryModel
import Testing

@testable import TrafficRouter

struct TrafficSplitTests {
    static func releases(candidate: Int, salt: String = "salt") throws -> [RoutedRelease] {
        [
            RoutedRelease(
                digest: try Sample.digest("a"), shareBasisPoints: Share(clamping: 10_000 - candidate), instances: []),
            RoutedRelease(
                digest: try Sample.digest("f"), shareBasisPoints: Share(clamping: candidate), salt: salt,
                instances: []),
        ]
    }

    @Test(arguments: [1, 10, 100, 500, 2_500, 5_000, 9_999])
    func sharesHoldWithinThreeSigma(basisPoints: Int) throws {
        let split = TrafficSplit(releases: try Self.releases(candidate: basisPoints))
        let count = 100_000
        let hits = (0..<count).count { split.release(key: "person-\($0)") == 1 }
        let share = Double(basisPoints) / 10_000
        let sigma = (Double(count) * share * (1 - share)).squareRoot()
        #expect(abs(Double(hits) - Double(count) * share) <= 3 * sigma)
    }

    @Test func whoSawTheCandidateStillDoesWhenItsShareGrows() throws {
        let steps = try [1, 50, 100, 1_000, 5_000, 10_000].map {
            TrafficSplit(releases: try Self.releases(candidate: $0))
        }
        for person in 0..<20_000 {
            let seen = steps.map { $0.release(key: "k\(person)") == 1 }
            #expect(seen == seen.sorted { !$0 && $1 })
        }
    }

    @Test func anotherSaltChoosesOtherPeople() throws {
        let first = TrafficSplit(releases: try Self.releases(candidate: 1_000, salt: "one"))
        let second = TrafficSplit(releases: try Self.releases(candidate: 1_000, salt: "two"))
        let both = (0..<100_000).count { first.release(key: "k\($0)") == 1 && second.release(key: "k\($0)") == 1 }
        // Independent draws meet in 1 % of the people; three sigma is 94.
        #expect(abs(both - 1_000) <= 94)
    }

    @Test func theHashIsFixedForEver() {
        // Computed by a separate program from the published definitions.
        #expect(SplitHash.hash(salt: "", key: "") == 0xefd01f60ba992926)
        #expect(SplitHash.hash(salt: "salt", key: "key") == 0x073ca8dd5c24efd4)
        #expect(SplitHash.hash(salt: "ab", key: "c") == SplitHash.hash(salt: "a", key: "bc"))
    }

    @Test func orderOfTheTableDoesNotMatter() throws {
        let releases = try Self.releases(candidate: 3_000)
        let (forward, backward) = (TrafficSplit(releases: releases), TrafficSplit(releases: releases.reversed()))
        for person in 0..<1_000 {
            #expect(forward.release(key: "\(person)") == backward.release(key: "\(person)").map { 1 - $0 })
        }
    }

    @Test func noShareMeansNoRelease() throws {
        let dark = try ["a", "b"].map {
            RoutedRelease(digest: try Sample.digest($0), shareBasisPoints: .none, instances: [])
        }
        #expect(TrafficSplit(releases: dark).release(key: "x") == nil)
        #expect(TrafficSplit(releases: []).only == nil)
        #expect(TrafficSplit(releases: try Self.releases(candidate: 0)).needsKey == false)
        #expect(TrafficSplit(releases: try Self.releases(candidate: 10_000)).only == 1)
    }
}
