import Foundation
import Testing

extension EndToEnd {
    /// Requests are kept back and let go, over restarts.
    @Suite(.serialized) struct TrafficHoldTests {
        private struct Hold: Decodable {
            var mode: String
            var reason: String
        }
        private struct Result: Decodable {
            var changed: Bool
            var hold: Hold?
        }

        @Test func pausedRequestsWaitAndGoOn() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "1"))
                let paused = try world.run(
                    "traffic", "pause", "shop", "--reason", "moving the database", "--max-wait", "60", "--json")
                let result = try JSONDecoder().decode(Result.self, from: Data(paused.out.utf8))
                #expect(paused.code == 0 && result.changed && result.hold?.mode == "pause", "\(paused)")
                let waiting = try Connection(port: try #require(world.trafficPort), timeout: 60)
                try waiting.send("GET", "/page", headers: ["host": "shop.localhost"])
                let status = try world.run("status", "shop")
                #expect(status.out.contains("traffic is paused") && status.out.contains("moving the database"))
                // The control plane ends and comes back: requests still wait.
                try world.restart()
                #expect(try world.run("status", "shop").out.contains("traffic is paused"))
                let again = try world.run(
                    "traffic", "pause", "shop", "--reason", "moving the database", "--max-wait", "60")
                #expect(again.code == 0 && again.out.contains("nothing changed"), "\(again)")
                let resumed = try world.run("traffic", "resume", "shop")
                #expect(resumed.code == 0 && resumed.out.contains("requests go on"), "\(resumed)")
                let reply = try waiting.receive(hasBody: true)
                #expect(reply.status == 200 && reply.text == "1")
                let journal = try world.run("journal", "--service", "shop").out
                #expect(journal.contains("traffic.paused") && journal.contains("traffic.resumed"))
                #expect(try !world.run("status", "shop").out.contains("traffic is paused"))
            }
        }

        @Test func aStoppedServiceShowsItsPageUntilItIsResumed() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "1"))
                try "<h1>back at noon</h1>".write(toFile: world.tree + "/page.html", atomically: true, encoding: .utf8)
                let stopped = try world.run("traffic", "stop", "shop", "--page", "page.html", "--retry-after", "600")
                #expect(stopped.code == 0 && stopped.out.contains("requests get 503"), "\(stopped)")
                func expectPage() throws {
                    let reply = try world.visit()
                    #expect(reply.status == 503 && reply.text == "<h1>back at noon</h1>", "\(reply)")
                    #expect(reply.headers["retry-after"] == "600")
                    #expect(reply.headers["content-type"] == "text/html; charset=utf-8")
                }
                try expectPage()
                // The router dies: its shim brings it back, with the table that it kept.
                struct Status: Decodable { var pid: Int32 }
                let stats = try world.run("router", "stats", "--json")
                struct Stats: Decodable { var status: Status }
                let pid = try JSONDecoder().decode(Stats.self, from: Data(stats.out.utf8)).status.pid
                kill(pid, SIGKILL)
                #expect(Poll.until(.seconds(60)) { (try? world.visit().status) == 503 })
                try expectPage()
                #expect(try world.run("traffic", "resume", "shop").code == 0)
                #expect(try world.visit().status == 200)
            }
        }

        @Test func badWishesAreRefused() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "1"))
                let path = "/api/v1/services/shop/traffic/"
                for body in [
                    #"{"maxRequests": -1}"#, #"{"maxWaitSeconds": 1e9}"#, #"{"retryAfterSeconds": -1}"#,
                ] {
                    let reply = try world.api("POST", path + "pause", body: Data(body.utf8))
                    #expect(reply.status == 422 && reply.text.contains("bad-hold"), "\(body): \(reply)")
                }
                #expect(try world.api("POST", path + "pause", body: Data("{".utf8)).status == 400)
                #expect(try world.api("POST", path + "sleep").status == 404)
                let reading = world.file("token.read")
                #expect(try world.api("POST", path + "stop", token: reading).status == 403)
                #expect(try world.visit().status == 200)
                let unknown = try world.run("traffic", "pause", "nobody")
                #expect(unknown.code == 1 && unknown.err.contains("nobody"), "\(unknown)")
                let missing = try world.run("traffic", "stop", "shop", "--page", "none.html")
                #expect(missing.code == 65 && missing.err.contains("none.html"), "\(missing)")
            }
        }
    }
}
