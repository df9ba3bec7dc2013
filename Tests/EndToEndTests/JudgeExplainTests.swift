import Foundation
import Testing

extension EndToEnd {
    /// `nonevent judge explain`: what the judge could tell with the traffic there is.
    @Suite(.serialized) struct JudgeExplainTests {
        private struct Forecast: Decodable {
            struct Defect: Decodable {
                var excess: Double
                var outcome: String
                var errors: Double
            }
            var requestsPerSecond: Double
            var promotedAfterSeconds: Double?
            var defects: [Defect]
            var phi: Double
            var phiSource: String
        }

        @Test func whatTheTrafficAllowsIsForetold() throws {
            try World.with { world in
                #expect(try world.run("judge", "explain", "shop").code == 1, "there is no such service")
                // Without any load: a second of it is a rate.
                try world.commit(Behaviour(version: "one"))
                let first = try world.run("deploy", "--wait")
                try #require(first.code == 0, "\(first)")
                let idle = try world.run("judge", "explain", "shop")
                #expect(idle.code == 0 && idle.out.contains("hardly any requests"), "\(idle)")

                let load = try world.load(perSecond: 150)
                let seen = try Poll.value(within: .seconds(90)) { () throws -> Forecast? in
                    let answer = try world.run("judge", "explain", "shop", "--json")
                    let forecast = try JSONDecoder().decode(Forecast.self, from: Data(answer.out.utf8))
                    return forecast.requestsPerSecond > 80 ? forecast : nil
                }
                let forecast = try #require(seen, "the rate of requests is not followed")
                #expect(forecast.requestsPerSecond < 300)
                #expect(forecast.phi == 4 && forecast.phiSource == "assumed", "no history yet")
                #expect(forecast.defects.map(\.excess) == [0.001, 0.01, 0.1, 1])
                #expect(forecast.defects.last.map { $0.outcome == "undone" && $0.errors < 30 } == true)
                #expect(forecast.promotedAfterSeconds != nil, "\(forecast)")

                let text = try world.run("judge", "explain", "shop")
                for part in [" requests/s", "  dispersion  4, assumed", "  healthy     ", "  +100 points", "advice"] {
                    #expect(text.out.contains(part), "\(part)\n\(text)")
                }
                #expect(load.end().failed == 0)
            }
        }
    }
}
