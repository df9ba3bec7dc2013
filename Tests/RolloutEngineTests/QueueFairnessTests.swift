import DeliveryModel
import RolloutEngine
import Testing

@Suite struct QueueFairnessTests {
    @Test func teamsTakeTurnsHoweverMuchEachHasToDeploy() {
        var bench = QueueBench()
        for number in 0..<60 { bench.offer("a\(number)", "a", .normal, .init(team: "large")) }
        for number in 0..<6 { bench.offer("b\(number)", "b", .normal, .init(team: "small")) }
        for number in 0..<6 { bench.offer("c\(number)", "c") }
        let order = bench.order()
        #expect(order.count == 72)
        for end in stride(from: 3, through: 18, by: 3) {
            #expect(
                Dictionary(grouping: order.prefix(end)) { $0 }.mapValues(\.count) == [
                    "a": end / 3, "b": end / 3, "c": end / 3,
                ])
        }
    }

    @Test func whoHadNothingToDeployHasSavedNothingUp() {
        var bench = QueueBench()
        for number in 0..<40 { bench.offer("a\(number)", "a", .normal, .init(team: "busy")) }
        #expect(bench.order(20) == [String](repeating: "a", count: 20))
        for number in 0..<20 { bench.offer("b\(number)", "b", .normal, .init(team: "late")) }
        let first = bench.order(10)
        #expect((4...6).contains(first.count { $0 == "b" }), "\(first)")
    }

    /// Random arrivals: two teams that both have something to deploy for a time differ by at most two starts in it.
    @Test(arguments: 1...20) func theDifferenceBetweenTeamsIsBounded(seed: UInt64) {
        var random = WalkRandom(state: seed)
        var bench = QueueBench()
        let teams = ["red", "green", "blue"]
        // By pair, the balance of starts since both have something waiting.
        var balance: [String: Int] = [:]
        for step in 0..<600 {
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let team = teams[min(2, Int.random(in: 0...5, using: &random))]
                bench.offer("\(team)-\(Int.random(in: 0..<30, using: &random))", "\(team)", .normal, .init(team: team))
            }
            let waiting = Set(bench.queue.waiting.values.map(\.team))
            let started = bench.next()
            for (left, right) in [("red", "green"), ("green", "blue"), ("red", "blue")] {
                guard waiting.contains(left), waiting.contains(right) else {
                    balance[left + right] = 0
                    continue
                }
                balance[left + right, default: 0] += started.count { $0 == left } - started.count { $0 == right }
                #expect(abs(balance[left + right, default: 0]) <= 2, "seed \(seed), step \(step): \(left), \(right)")
            }
            if let service = bench.queue.running.keys.first { bench.queue.ended(service) }
        }
    }

    /// Fixes without end; one team has normal deploys too. How many starts until all its normal ones are through?
    private func startsUntilThrough(_ policy: QueuePolicy, most: Int) -> Int? {
        var bench = QueueBench(policy: policy)
        var number = 0
        for index in 0..<10 { bench.offer("n\(index)", "normal", .normal, .init(team: "red")) }
        var through = 0
        for start in 1...most {
            while bench.queue.waiting.values.count(where: { $0.priority == .fix }) < 8 {
                number += 1
                bench.offer("f\(number)", "fix", .fix, .init(team: ["red", "green", "blue"][number % 3]))
            }
            through += bench.next(after: 60).count { $0 == "normal" }
            if let service = bench.queue.running.keys.first { bench.queue.ended(service) }
            if through == 10 { return start }
        }
        return nil
    }

    @Test func nothingStarvesThoughFixesNeverEnd() throws {
        let policy = QueuePolicy()
        // Aged after 15 starts of a minute each; then every fourth start is theirs.
        let starts = try #require(startsUntilThrough(policy, most: 1000))
        #expect(starts <= 15 + 10 * (policy.fixesInARow + 1))
    }

    @Test func withoutAgeingTheyWouldStarve() {
        #expect(startsUntilThrough(QueuePolicy(ageing: .seconds(1_000_000_000)), most: 1000) == nil)
    }

    @Test func afterManyFixesATeamIsBehindByAFewTurnsOnly() {
        var bench = QueueBench()
        for number in 0..<50 { bench.offer("f\(number)", "fix", .fix, .init(team: "red")) }
        _ = bench.order()
        for number in 0..<40 {
            bench.offer("r\(number)", "red", .normal, .init(team: "red"))
            bench.offer("g\(number)", "green", .normal, .init(team: "green"))
        }
        let order = bench.order(20)
        #expect(order.prefix(8).allSatisfy { $0 == "green" } && order.count { $0 == "red" } >= 5, "\(order)")
    }
}
