import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized) struct DeployQueueTests {
        /// What waits gives way to what is newer, and ships with it.
        @Test func aNewerCommitTakesTheWaitingOneAlong() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                try world.commit(Behaviour(version: "one"), .quick())
                try world.push(to: bare)
                #expect(world.shows("one"))
                #expect(world.settles())
                #expect(try world.run("hold", "shop", "counting").code == 0)
                var commits: [String] = []
                for version in ["two", "three", "four"] {
                    let commit = try world.commit(Behaviour(version: version), .quick())
                    commits.append(commit)
                    try world.push(to: bare)
                    #expect(Poll.until { (try? world.queue().waiting.first?.commit) == commit }, "\(version)")
                }
                let waiting = try #require(try world.queue().waiting.first)
                #expect(waiting.commits.map(\.commit) == Array(commits.reversed()), "\(waiting)")
                #expect(waiting.commits.map(\.subject) == ["version four", "version three", "version two"])
                #expect(waiting.waitsFor.contains { $0.contains("counting") }, "\(waiting.waitsFor)")
                let shown = try world.run("queue")
                #expect(shown.out.contains("version two") && shown.out.contains("counting"), "\(shown)")
                let load = try world.load()
                #expect(try world.run("hold", "shop", "--release").code == 0)
                #expect(world.shows("four"))
                load.end()
                let history = try world.history()
                #expect(
                    history.filter { $0.phase == "superseded" }.map(\.commit).sorted() == commits.dropLast().sorted())
                #expect(try world.journal("deploy.batch").count == 1)
                #expect(try world.journal("deploy.accepted").count == 2)
            }
        }

        @Test func holdAllKeepsPushesAndDeploysByHandBack() throws {
            try World.with { world in
                let bare = try world.watchedBare()
                try world.commit(Behaviour(version: "one"), .quick())
                try world.push(to: bare)
                #expect(world.shows("one"))
                #expect(world.settles())
                #expect(try world.run("hold", "--all", "holiday", "of", "all").code == 0)
                try world.commit(Behaviour(version: "two"), .quick())
                let byHand = try world.run("deploy")
                #expect(byHand.code == 0 && byHand.out.contains("holiday of all"), "\(byHand)")
                #expect(try world.queue().holds.map(\.reason) == ["holiday of all"])
                #expect(!Poll.until(.seconds(2)) { world.version() != "one" })
                #expect(try world.status().queued != nil)
                // Undo never waits in the queue.
                #expect(try world.run("undo", "shop").code == 3, "nothing to undo, and nothing in its way")
                let load = try world.load()
                #expect(try world.run("hold", "--all", "--release").code == 0)
                #expect(world.shows("two"))
                load.end()
            }
        }

        @Test func limitsOrderAndPlaces() throws {
            try World.with { world in
                try "concurrency: { total: 1 }\n".write(
                    toFile: world.data + "/delivery.yaml", atomically: true, encoding: .utf8)
                let names = ["cart", "mail", "shop"]
                for name in names {
                    // The first one takes its time to get ready.
                    var plan = Plan.quick(name)
                    plan.within = "60s"
                    try world.commit(Behaviour(version: "one", late: name == "cart" ? 15 : 0), plan)
                    #expect(try world.run("deploy", in: world.tree(name)).code == 0)
                }
                // The first one runs, two wait for a place.
                let queue = try world.queue()
                #expect(queue.running.map(\.service) == ["cart"])
                #expect(queue.waiting.map(\.service) == ["mail", "shop"])
                #expect(queue.waiting.allSatisfy { $0.waitsFor.first?.contains("rollouts that may run") == true })
                #expect(queue.waiting.allSatisfy { $0.forecastSeconds != nil })
                #expect(try world.run("queue", "move", "shop", "1").code == 0)
                #expect(try world.queue().waiting.map(\.service) == ["shop", "mail"])
                #expect(try world.run("queue", "drop", "mail").code == 0)
                #expect(try world.run("queue", "drop", "mail").code == 3)
                #expect(world.shows("one", "shop"))
                #expect(try world.history("mail").map(\.phase) == ["superseded"])
                // A file with a mistake changes nothing, and is told.
                try "concurrency: { totl: 1 }\n".write(
                    toFile: world.data + "/delivery.yaml", atomically: true, encoding: .utf8)
                #expect(try world.queue().warnings.first?.contains("did you mean 'total'?") == true)
            }
        }

        @Test func aFreezeWindowKeepsEverythingButTellsUntilWhen() throws {
            try World.with { world in
                let frozen =
                    #"{ freeze: [ { from: "2020-01-01 00:00", to: "2099-01-01 00:00", zone: Europe/Berlin } ] }"#
                try world.commit(Behaviour(version: "one"), .quick(deploy: frozen))
                #expect(try world.run("deploy").code == 0)
                let waiting = try #require(try world.queue().waiting.first)
                #expect(waiting.waitsFor.first?.contains("2098-12-31T23:00:00") == true, "\(waiting.waitsFor)")
            }
        }

        @Test func aNewerCommitMayEndTheRunningRollout() throws {
            try World.with { world in
                let impatient = "{ supersede: running }"
                try world.commit(Behaviour(version: "one"), .quick(deploy: impatient))
                #expect(try world.run("deploy", "--wait").code == 0)
                let load = try world.load()
                var long = Plan.quick(deploy: impatient)
                long.steps = "[20%, 100%]"
                long.hold = "5m"
                try world.commit(Behaviour(version: "two"), long)
                #expect(try world.run("deploy").code == 0)
                #expect(world.reaches("shift"))
                try world.commit(Behaviour(version: "three"), .quick(deploy: impatient))
                #expect(try world.run("deploy", "--wait").code == 0)
                load.end()
                #expect(world.version() == "three")
                #expect(try world.journal("deploy.superseded").count == 1)
            }
        }
    }
}
