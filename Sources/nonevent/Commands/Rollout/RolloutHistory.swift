import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Tell how the rollouts of a service went, newest first.",
        discussion: """
            One line a rollout: when, its name, commit, release, how far it got, how it ended, why. `--rollout \
            ROLLOUT` shows one of them in full, with the judge's last verdict; no such rollout: exit code 1. \
            `--ticks ROLLOUT` writes what the judge saw in it, as JSON lines, which `nonevent judge` reads.
            Example: nonevent history shop --limit 5
            """)

    /// Rollouts at most.
    static let largestLimit = 1000

    @Argument(help: "The service.")
    var service: ServiceName
    @Option(help: ArgumentHelp("Show this rollout alone, in full.", valueName: "rollout"))
    var rollout: String?
    @Option(help: ArgumentHelp("Write what the judge saw in this rollout, as JSON lines.", valueName: "rollout"))
    var ticks: String?
    @Option(help: "How many rollouts, 1 to 1000.")
    var limit = 20
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func validate() throws {
        guard (1...Self.largestLimit).contains(limit) else {
            throw ValidationError("--limit is 1 to \(Self.largestLimit), not \(limit)")
        }
        if ticks != nil, rollout != nil { throw ValidationError("one of --rollout and --ticks, not both") }
    }

    func run() async throws {
        try await controlPlane.withClient { client in
            if let ticks {
                for try await line in try await client.ticks(service, rollout: ticks) where !line.isEmpty {
                    try StandardOutput.line(line)
                }
            } else if let rollout {
                try showWhole(try await find(rollout, client))
            } else {
                try show(try await client.history(service, limit: limit).rollouts)
            }
        }
    }

    private func find(_ id: String, _ client: ControlPlaneClient) async throws -> RolloutStatus {
        let known = try await client.history(service, limit: Self.largestLimit).rollouts
        guard let found = known.first(where: { $0.id == id }) else {
            throw CommandFailure(
                .failed,
                "\(service) has no rollout '\(TerminalText.harmless(id))'; nonevent history \(service) lists them")
        }
        return found
    }

    private func showWhole(_ rollout: RolloutStatus) throws {
        guard !output.json else { return try StandardOutput.json(rollout) }
        try RolloutView(text: .current).whole(rollout).forEach { try StandardOutput.line($0) }
    }

    private func show(_ rollouts: [RolloutStatus]) throws {
        guard !output.json else { return try rollouts.forEach { try StandardOutput.json($0) } }
        var table = TextTable(["when", "rollout", "commit", "release", "reached", "end", "why"])
        for rollout in rollouts {
            table.add([
                rollout.startedAt.description, rollout.id, TerminalText.shownCommit(rollout.commit),
                rollout.candidate.short, rollout.reachedBasisPoints.description, rollout.phase,
                TerminalText.harmless(rollout.why),
            ])
        }
        try table.lines(.current).forEach { try StandardOutput.line($0) }
    }
}
