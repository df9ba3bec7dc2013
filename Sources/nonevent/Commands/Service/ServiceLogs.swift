import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Read what the instances of a service write.",
        discussion: "Example: nonevent logs shop --follow --tail 20")

    @Argument(help: "The service.")
    var service: ServiceName
    @Option(help: "Only this release: digest, its beginning, or commit.")
    var release: String?
    @Flag(help: "Go on with new lines until interrupted.")
    var follow = false
    @Option(help: "How many of the last lines, of all instances together, 0 to 10000.")
    var tail = 100
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func validate() throws {
        guard (0...10_000).contains(tail) else { throw ValidationError("--tail is 0 to 10000, not \(tail)") }
    }

    func run() async throws {
        try await controlPlane.withClient { client in
            let text = TerminalText.current
            let lines = try await client.logs(service, release: release, tail: tail, follow: follow)
            for try await item in lines {
                if output.json {
                    try StandardOutput.json(item)
                } else {
                    let line = text.isTerminal ? TerminalText.harmless(item.line) : item.line
                    try StandardOutput.line(text.paint(item.instance, .dim) + "  " + line)
                }
            }
        }
    }
}
