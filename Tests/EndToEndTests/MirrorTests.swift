import Foundation
import Testing

extension EndToEnd {
    /// A release in the dark gets copies of people's requests, and its answers are compared.
    @Suite(.serialized) struct MirrorTests {
        private struct Status: Decodable {
            struct Mirror: Decodable {
                struct Difference: Decodable {
                    var part: String
                    var isAboveNoise: Bool
                }
                var mirrored: Int
                var compared: Int
                var differing: Int
                var differences: [Difference]
            }
            struct Release: Decodable {
                var state: String
                var requests: Int
            }
            var mirrors: [Mirror]
            var releases: [Release]
        }

        @Test func copiesShowWhatChangedBeforeAnybodySeesIt() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "1"))
                var plan = Plan()
                // The route is a part of the file that is there already.
                plan.more = ""
                try world.commit(Behaviour(version: "2"), plan)
                let file = world.tree + "/nonevent.yaml"
                let text = try String(contentsOfFile: file, encoding: .utf8).replacingOccurrences(
                    of: "  hosts: [\"shop.localhost\"]\n",
                    with: "  hosts: [\"shop.localhost\"]\n  mirror: { share: 100%, for: 4s, compare: on }\n")
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                try world.commitAll("mirrored")
                let load = try world.load(perSecond: 100)
                defer { load.end() }
                let began = ContinuousClock.now
                let deploy = try world.start(["deploy", "--wait"])
                var seen: Status?
                #expect(
                    try Poll.until(.seconds(60)) {
                        seen = try world.json(Status.self, "/api/v1/services/shop")
                        return (seen?.mirrors.first?.compared ?? 0) > 50
                    }, "\(String(describing: seen)) \(deploy.output)\(deploy.errors)")
                let mirror = try #require(seen?.mirrors.first)
                // In the dark: the copies are nobody's requests, and nobody has seen version 2.
                #expect(seen?.releases.first { $0.state == "candidate" }?.requests == 0, "\(String(describing: seen))")
                #expect(mirror.differing > 0 && mirror.differences.contains { $0.isAboveNoise })
                let words = try world.run("status", "shop").out
                #expect(words.contains("copies sent to") && words.contains("not the same as the baseline"), "\(words)")
                #expect(deploy.wait(within: .seconds(120)) == 0, "\(deploy.output)\(deploy.errors)")
                #expect(began.duration(to: .now) > .seconds(4))
                #expect(load.end().failed == 0)
                #expect(world.version() == "2")
            }
        }
    }
}
