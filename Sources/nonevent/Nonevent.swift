import ArgumentParser
import DeploymentDrivers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@main
enum Nonevent {
    static func main() async {
        // A reader that goes away (`--json | head`) ends a command by an error of `write`, not by a signal.
        signal(SIGPIPE, SIG_IGN)
        let arguments = CommandLine.arguments
        // A shim stays small: it starts without the parser and all that comes after it.
        if arguments.dropFirst().first == "shim" {
            exit(Shim.run(arguments: Array(arguments.dropFirst(2))))
        }
        do {
            var command = try await NoneventCommand.asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            ExitStatus.exit(error)
        }
    }
}

/// The root of the command line.
struct NoneventCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nonevent",
        abstract: "Makes a deployment a non-event.",
        discussion: """
            Start with `nonevent demo`, or `nonevent serve` in one terminal and `nonevent init`, `nonevent deploy \
            --wait` in another.
            Exit codes: 0 done; 1 undone, refused or a check failed; 3 nothing to do; 64 usage; 65 bad input file; \
            69 control plane unreachable; 75 try again; 77 not allowed. `judge`: 0 promote, 1 undo, 2 \
            neither.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Describe a service:", subcommands: [InitCommand.self, ValidateCommand.self]),
            CommandGroup(
                name: "Deliver:",
                subcommands: [
                    DeployCommand.self, UndoCommand.self, RedoCommand.self, RolloutCommand.self, DrillCommand.self,
                    TrafficCommand.self,
                ]),
            CommandGroup(
                name: "Deliver by itself:",
                subcommands: [PipelineCommand.self, QueueCommand.self, HoldCommand.self]),
            CommandGroup(
                name: "Look:",
                subcommands: [
                    StatusCommand.self, ReleasesCommand.self, HistoryCommand.self, JournalCommand.self,
                    LogsCommand.self, JudgeCommand.self,
                ]),
            CommandGroup(name: "Run:", subcommands: Self.running),
        ])

    /// What runs things rather than asking: `serve`, `router`, `demo`, `simulate`. (`shim` comes before the parser.)
    private static let running: [any ParsableCommand.Type] = [
        ServeCommand.self, RouterCommand.self, Demo.self, SimulateCommand.self, BenchLoad.self,
    ]
}
