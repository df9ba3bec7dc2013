import Foundation
import Testing

extension EndToEnd {
    /// `nonevent simulate`: days of deliveries with the real store, without a control plane.
    @Suite(.serialized) struct SimulateTests {
        struct Result: Decodable {
            struct Report: Decodable, Equatable {
                var seed: Int
                var steps: Int
                var accepted: Int
                var live: Int
                var superseded: Int
                var undone: Int
                var controlPlaneCrashes: Int
                var journalLines: Int
            }
            struct Violation: Decodable { var promise: String }
            var report: Report
            var violation: Violation?
            var seconds: Double
            var processorSeconds: Double
        }

        private func simulate(_ world: World, _ more: String...) throws -> (code: Int32, out: String, errors: String) {
            let process = try world.start(Self.small + more)
            let code = process.wait(within: .seconds(300))
            return (code, process.output, process.errors)
        }

        private static let small = [
            "simulate", "--services", "8", "--deploys-per-day", "150", "--days", "1", "--crash-every", "300",
        ]

        @Test func promisesHoldWithTheRealStoreAndTheStoreCanBeKept() throws {
            try World.with(serving: false) { world in
                let store = world.root + "/store"
                let outcome = try simulate(world, "--seed", "3", "--runs", "2", "--store", store, "--json")
                #expect(outcome.code == 0, "\(outcome)")
                let results = try outcome.out.split(separator: "\n").map {
                    try JSONDecoder().decode(Result.self, from: Data($0.utf8))
                }
                #expect(results.map(\.report.seed) == [3, 4] && results.allSatisfy { $0.violation == nil })
                for result in results {
                    let report = result.report
                    #expect(report.live + report.superseded + report.undone == report.accepted && report.live > 50)
                    #expect(report.controlPlaneCrashes > 5 && report.journalLines > 500)
                    #expect(result.processorSeconds > 0)
                    #expect(FileManager.default.fileExists(atPath: "\(store)/\(report.seed)/nonevent.sqlite"))
                }
                // A store that is there belongs to another run: nothing is appended to it.
                let again = try simulate(world, "--seed", "3", "--store", store)
                #expect(again.code == 65 && again.errors.contains("expected an empty directory"), "\(again)")
            }
        }

        @Test func aRunIsSeenAgainStepByStep() throws {
            try World.with(serving: false) { world in
                let outcome = try simulate(world, "--seed", "5", "--until", "40", "--trace")
                #expect(outcome.code == 0, "\(outcome)")
                let steps = outcome.out.split(separator: "\n").filter { $0.hasPrefix("step ") }
                #expect(steps.count == 40 && steps.last?.hasPrefix("step 40 2026-11-30T") == true, "\(outcome.out)")
                let again = try simulate(world, "--seed", "5", "--until", "20", "--trace")
                let other = again.out.split(separator: "\n").filter { $0.hasPrefix("step ") }
                #expect(Array(steps.prefix(20)) == other)
            }
        }

        @Test(arguments: [
            ["--services", "0"], ["--days", "0"], ["--runs", "0"], ["--until", "0"], ["--seed", "-1"],
        ])
        func numbersOutOfRangeAreRefused(more: [String]) throws {
            try World.with(serving: false) { world in
                let outcome = try simulate(world, more[0], more[1])
                #expect(outcome.code == 64, "\(outcome)")
            }
        }
    }
}
