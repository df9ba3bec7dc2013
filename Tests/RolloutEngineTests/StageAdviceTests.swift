import DeliveryModel
import RolloutEngine
import Testing

private func pipeline(_ stages: [(String, [String]?, [String])]) -> PipelineSpecification {
    var before: [String] = []
    return PipelineSpecification(
        stages: stages.map { name, needs, paths in
            defer { before = [name] }
            return StageSpecification(
                name: name, run: .shell("true"), needs: needs ?? before, needsAreWritten: needs != nil,
                cache: paths.isEmpty ? nil : StageCache(paths: paths))
        })
}

private func record(_ stage: String, _ failures: Int, of runs: Int, _ seconds: Double) -> StageRecord {
    StageRecord(stage: stage, runs: runs, failures: failures, seconds: seconds)
}

@Suite struct StageAdviceTests {
    @Test func quickStagesThatFailOftenComeFirst() throws {
        let stages = pipeline([("slow", nil, []), ("lint", nil, []), ("unit", nil, [])])
        let advice = try #require(
            StageAdvice(
                stages,
                [record("slow", 1, of: 100, 600), record("lint", 30, of: 100, 10), record("unit", 20, of: 100, 60)]))
        #expect(advice.now == ["slow", "lint", "unit"] && advice.proposed == ["lint", "unit", "slow"])
        #expect(advice.secondsProposed < advice.secondsNow)
        #expect(abs(advice.secondsNow - (600 + (1 - 1.5 / 101) * (10 + (1 - 30.5 / 101) * 60))) < 1e-9)
    }

    @Test func whatIsNeededStaysBefore() throws {
        let stages = pipeline([("build", nil, ["bin/"]), ("unit", nil, []), ("lint", [], [])])
        let advice = try #require(
            StageAdvice(
                stages, [record("build", 0, of: 50, 300), record("unit", 25, of: 50, 1), record("lint", 1, of: 50, 5)]))
        // unit works on what build hands on; lint needs nothing.
        #expect(advice.proposed == ["lint", "build", "unit"])
        let named = pipeline([("a", nil, []), ("b", ["a"], [])])
        let fixed = try #require(StageAdvice(named, [record("a", 0, of: 50, 300), record("b", 40, of: 50, 1)]))
        #expect(fixed.proposed == ["a", "b"] && fixed.secondsProposed == fixed.secondsNow)
    }

    @Test func withoutEnoughRunsNothingIsSaid() {
        let stages = pipeline([("a", nil, []), ("b", nil, [])])
        #expect(StageAdvice(stages, [record("a", 1, of: 100, 5), record("b", 0, of: 4, 5)]) == nil)
        #expect(StageAdvice(stages, [record("a", 1, of: 100, 5)]) == nil)
        #expect(StageAdvice(pipeline([("a", nil, [])]), [record("a", 1, of: 100, 5)]) == nil)
    }

    /// Against all orders that respect the needs, counted out.
    @Test(arguments: 1...60) func noOrderIsBetter(seed: UInt64) throws {
        var random = WalkRandom(state: seed)
        let count = Int.random(in: 2...6, using: &random)
        let stages = pipeline(
            (0..<count).map { index in
                let needs = (0..<index).filter { _ in Int.random(in: 0..<4, using: &random) == 0 }.map { "s\($0)" }
                return ("s\(index)", needs, [])
            })
        let records = (0..<count).map { index in
            record(
                "s\(index)", Int.random(in: 0...40, using: &random), of: 50, Double.random(in: 1...600, using: &random))
        }
        let advice = try #require(StageAdvice(stages, records))
        func seconds(_ order: [Int]) -> Double {
            order.reduce((sum: 0.0, chance: 1.0)) { state, index in
                (state.sum + state.chance * records[index].seconds, state.chance * (1 - records[index].failureRate))
            }.sum
        }
        var best = Double.infinity
        func search(_ order: [Int]) {
            if order.count == count { best = min(best, seconds(order)) }
            for index in 0..<count where !order.contains(index) {
                let needs = stages.stages[index].needs
                if needs.allSatisfy({ need in order.contains { "s\($0)" == need } }) { search(order + [index]) }
            }
        }
        search([])
        #expect(abs(advice.secondsProposed - best) < 1e-6)
        let places = Dictionary(uniqueKeysWithValues: advice.proposed.enumerated().map { ($1, $0) })
        for stage in stages.stages {
            for need in stage.needs { #expect((places[need] ?? 99) < (places[stage.name] ?? -1)) }
        }
    }

    @Test func manyStagesAreOrderedToo() throws {
        let stages = pipeline((0..<80).map { ("s\($0)", $0 == 0 ? nil : $0 % 7 == 0 ? ["s0"] : nil, []) })
        let records = (0..<80).map { record("s\($0)", $0 % 9, of: 20, Double(90 - $0)) }
        let advice = try #require(StageAdvice(stages, records))
        #expect(Set(advice.proposed) == Set(advice.now) && advice.secondsProposed < advice.secondsNow)
    }
}

@Suite struct FlakyTestTests {
    @Test func aTestIsFlakyWhenItsResultDiffersAtOneCommit() {
        func result(_ commit: String, _ test: String, _ passed: Bool) -> ObservedTest {
            ObservedTest(commit: commit, stage: "unit", test: test, passed: passed)
        }
        let found = FlakyTest.find(in: [
            result("c1", "broken", true), result("c2", "broken", false), result("c2", "broken", false),
            result("c1", "flaky", true), result("c1", "flaky", false), result("c1", "flaky", true),
            result("c2", "flaky", false), result("c2", "flaky", true), result("c3", "flaky", true),
            result("c1", "once", false), result("c1", "once", true),
            ObservedTest(commit: "c2", stage: "other", test: "broken", passed: true),
        ])
        #expect(
            found == [
                FlakyTest(stage: "unit", test: "flaky", commits: 2, passed: 3, failed: 2),
                FlakyTest(stage: "unit", test: "once", commits: 1, passed: 1, failed: 1),
            ])
    }
}
