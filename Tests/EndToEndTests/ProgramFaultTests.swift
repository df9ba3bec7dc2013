import Foundation
import Testing

extension EndToEnd {
    /// Programs that do not behave: a clear message, and the release before keeps serving.
    @Suite(.serialized) struct ProgramFaultTests {
        struct Fault: Sendable, CustomTestStringConvertible {
            var name: String
            var behaviour: Behaviour
            var command: String?
            /// What the reason must name.
            var says: String
            var testDescription: String { name }
        }

        @Test(arguments: [
            Fault(
                name: "missing", behaviour: .init(version: "two"), command: #"["./no-such-program"]"#,
                says: "no-such-program"),
            Fault(name: "exits at once", behaviour: .init(version: "two", exits: true), says: "exit"),
            Fault(name: "never listens", behaviour: .init(version: "two", late: -1), says: "Connection refused"),
        ])
        func isUndoneInTheDark(fault: Fault) throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let load = try world.load()
                var plan = Plan(within: "4s")
                if let command = fault.command { plan.command = command }
                try world.commit(fault.behaviour, plan)
                let outcome = try world.run("deploy", "--wait")
                #expect(outcome.code == 1, "\(outcome)")
                #expect(outcome.err.contains(fault.says), "\(outcome)")
                #expect(world.version() == "one")
                #expect(load.end().failed == 0)
                #expect(
                    Poll.until { world.programs().count == 2 && world.shims().count == 2 }, "its instances are gone")
            }
        }

        @Test func listensLateIsWaitedFor() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                try world.deploy(Behaviour(version: "two", late: 4))
                #expect(world.version() == "two")
            }
        }

        @Test func ignoresSigtermAndForksChildrenButNothingIsLeft() throws {
            try World.with { world in
                let plan = Plan(keepWarm: "1s", instances: 1, grace: "1s")
                try world.deploy(Behaviour(version: "one", ignoresTerm: true, children: 3), plan)
                let family = Set(world.processes().filter { $0.command.contains("python3") }.map(\.pid))
                #expect(family.count == 4, "\(world.processes().map(\.command))")
                try world.deploy(Behaviour(version: "two"), plan)
                #expect(
                    Poll.until(.seconds(30)) { Set(SystemProcess.all().map(\.pid)).isDisjoint(with: family) },
                    "the process group is killed after the grace")
                #expect(world.version() == "two")
            }
        }

        @Test func logsShowWhatTheInstancesWrite() throws {
            try World.with { world in
                let first = try world.deploy(Behaviour(version: "one"))
                try world.deploy(Behaviour(version: "two"))
                let all = try world.run("logs", "shop")
                #expect(all.code == 0)
                #expect(all.out.contains("version one starts") && all.out.contains("version two starts"), "\(all)")
                let some = try world.run("logs", "shop", "--release", first)
                #expect(some.out.contains("version one starts") && !some.out.contains("version two"), "\(some)")
            }
        }
    }
}
