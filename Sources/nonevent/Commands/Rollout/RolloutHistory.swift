import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Tell how the rollouts of a service went, newest first.",
        discussion: """
            One line a rollout: when, commit, release, how far it got, how it ended, why. `--ticks ROLLOUT` writes \
            what the judge \
            saw in one of them, as JSON lines. Example: nonevent history shop --limit 5
            """)

    @Argument(help: "The service.")
    var service: ServiceName
    @Option(help: ArgumentHelp("Write what the judge saw in this rollout, as JSON lines.", valueName: "rollout"))
    var ticks: String?
    @Option(help: "How many rollouts, 1 to 1000.")
    var limit = 20
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit is 1 to 1000, not \(limit)") }
    }

    func run() async throws {
        try await controlPlane.withClient { client in
            if let ticks {
                for try await line in try await client.ticks(service, rollout: ticks) where !line.isEmpty {
                    try StandardOutput.line(line)
                }
            } else {
                try show(try await client.history(service, limit: limit).rollouts)
            }
        }
    }

    private func show(_ rollouts: [RolloutStatus]) throws {
        guard !output.json else { return try rollouts.forEach { try StandardOutput.json($0) } }
        var table = TextTable(["when", "rollout", "commit", "release", "reached", "end", "why"])
        for rollout in rollouts {
            table.add([
                rollout.startedAt.description, rollout.id, TerminalText.harmless(TerminalText.commit(rollout.commit)),
                rollout.candidate.short, rollout.reachedBasisPoints.description, rollout.phase,
                TerminalText.harmless(rollout.why),
            ])
        }
        try table.lines(.current).forEach { try StandardOutput.line($0) }
    }
}
