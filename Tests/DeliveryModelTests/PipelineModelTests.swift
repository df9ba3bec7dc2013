import DeliveryModel
import Foundation
import Testing

@Suite struct PipelineModelTests {
    @Test(arguments: ["Fri 16:00", "Mon 00:00", "Sun 23:59", "2026-12-24 00:00", "2028-02-29 08:05"])
    func momentsAreReadAndWritten(text: String) throws {
        let moment = try #require(FreezeMoment(text))
        #expect(moment.description == text)
        let stored = try JSONEncoder().encode([moment])
        #expect(try JSONDecoder().decode([FreezeMoment].self, from: stored) == [moment])
    }

    @Test(arguments: [
        "", "Fri", "16:00", "Fri 16:60", "Fri 24:00", "Fri 1:00", "fri 16:00", "Fri  16:00", "Fri 16:00 ",
        "2026-02-29 00:00", "2026-13-01 00:00", "26-12-24 00:00", "2026-12-24T00:00", "Fri +1:00",
    ])
    func nothingElseIsAMoment(text: String) { #expect(FreezeMoment(text) == nil) }

    @Test func specificationsOfEarlierVersionsAreRead() throws {
        let name = try #require(ServiceName("shop"))
        let specification = ServiceSpecification(
            service: name, run: RunSpecification(command: ["./shop"]), route: RouteSpecification(),
            pipeline: PipelineSpecification(stages: [StageSpecification(name: "a", run: .shell("true"))]),
            deploy: DeploySpecification(team: "web"))
        let data = try JSONEncoder().encode(specification)
        #expect(try JSONDecoder().decode(ServiceSpecification.self, from: data) == specification)
        var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        object["pipeline"] = nil
        object["deploy"] = nil
        let old = try JSONDecoder().decode(
            ServiceSpecification.self, from: JSONSerialization.data(withJSONObject: object))
        #expect(old.pipeline == PipelineSpecification() && old.deploy == DeploySpecification())
    }
}
