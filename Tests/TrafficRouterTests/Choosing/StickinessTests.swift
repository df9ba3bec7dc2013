import DeliveryModel
import Testing

@testable import TrafficRouter

/// People with cookies over many tables, as rollouts make them: shares that rise and fall, and one candidate after the
/// other.
@Suite struct StickinessTests {
    struct Person {
        var cookie: String?
        /// The one of now.
        var sawCandidate = false
    }

    struct Walk: CustomTestStringConvertible {
        let seed: UInt64
        /// Whether the table says who is the candidate, as the engine does.
        let roles: Bool
        var testDescription: String { "seed \(seed), roles \(roles)" }
    }

    static let walks = (0..<6).flatMap { [Walk(seed: $0, roles: true), Walk(seed: $0, roles: false)] }

    @Test(arguments: walks) func nobodyGoesBackWhileTheCandidateLives(_ walk: Walk) throws {
        var random = SeededRandom(seed: walk.seed)
        var people = Array(repeating: Person(), count: 120)
        // Each release is a candidate once.
        var digits = Array("fedcb9876543210")
        var (kept, moved) = (0, 0)
        for _ in 0..<60 {
            if random.below(8) == 0, digits.count > 1 {
                digits.removeFirst()
                for index in people.indices { people[index].sawCandidate = false }
            }
            // Without roles a candidate with all the share is no candidate any more.
            let share = [0, 1, 100, 1_000, 5_000, 9_000, 9_999, walk.roles ? 10_000 : 9_998][random.below(8)]
            let releases = try ChoosingSample.pair(candidate: share, digit: digits[0], roles: walk.roles)
            let split = StickySplit(try ChoosingSample.service(releases))
            let reference = TrafficSplit(releases: releases)
            for index in people.indices {
                guard random.below(3) > 0 else { continue }
                let release = try visit(&people[index], split, &random)
                #expect(releases[release].shareBasisPoints > .none)
                if people[index].sawCandidate, share > 0 {
                    #expect(release == 1, "person \(index) went back at share \(share)")
                    kept += 1
                } else if let cookie = people[index].cookie.flatMap(StickyCookieTests.read) {
                    // Who has not seen it gets what the shares say.
                    #expect(release == reference.release(key: cookie.key))
                    moved += release
                }
                if release == 1 { people[index].sawCandidate = true }
            }
        }
        #expect(kept > 500 && moved > 100, "\(kept) \(moved)")
    }

    /// One request and, with what it was told to remember, the same again: nothing changes then.
    private func visit(_ person: inout Person, _ split: StickySplit, _ random: inout SeededRandom) throws -> Int {
        let drawn = (random.next(), random.next())
        let decision = try #require(split.decide(try ChoosingSample.cookie(person.cookie)) { drawn })
        if let cookie = decision.cookie {
            #expect(cookie.text != person.cookie)
            let before = person.cookie.flatMap(StickyCookieTests.read)
            #expect(before == nil || before?.key == cookie.key)
            person.cookie = cookie.text
        }
        let again = try #require(split.decide(try ChoosingSample.cookie(person.cookie)) { (0, 0) })
        #expect(again == StickyDecision(release: decision.release))
        return decision.release
    }

    @Test func growthMovesPeopleToTheCandidateOnly() throws {
        var random = SeededRandom(seed: 1)
        var people = Array(repeating: Person(), count: 500)
        var sizes: [Int] = []
        for share in [1, 100, 500, 2_500, 5_000, 9_999, 10_000] {
            let split = StickySplit(try ChoosingSample.service(try ChoosingSample.pair(candidate: share)))
            for index in people.indices {
                let release = try visit(&people[index], split, &random)
                #expect(release == 1 || !people[index].sawCandidate)
                people[index].sawCandidate = release == 1
            }
            sizes.append(people.count(where: \.sawCandidate))
        }
        #expect(sizes == sizes.sorted() && sizes.last == 500 && sizes[1] < 20 && (200...300).contains(sizes[4]))
    }
}
