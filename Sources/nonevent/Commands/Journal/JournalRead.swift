import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Read the record of everything that happened, or check it.",
        discussion: """
            Every entry holds the hash of the one before: `--verify` finds any that was changed or taken out, and \
            then exits with 1. \
            Example: nonevent journal --service shop --follow
            """)

    @Option(help: "Only entries of this service.")
    var service: ServiceName?
    @Flag(help: "Go on with new entries until interrupted.")
    var follow = false
    @Flag(help: "Check the chain of hashes instead.")
    var verify = false
    @Option(help: "How many of the newest entries, 1 to 10000.")
    var limit = 100
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    /// Most entries that the control plane gives at once.
    private static let pageLimit = 1_000

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000, not \(limit)") }
        guard !(verify && (follow || service != nil)) else {
            throw ValidationError("--verify checks the whole journal: leave out --follow and --service")
        }
    }

    func run() async throws {
        try await controlPlane.withClient { client in
            guard !verify else { return try show(try await client.verifyJournal()) }
            var newest: [JournalItem] = []
            // From the end, so that a long journal takes no longer than a short one.
            while newest.count < limit {
                let wanted = min(limit - newest.count, Self.pageLimit)
                let page = try await client.journal(
                    before: newest.first?.sequence ?? .max, limit: wanted, service: service
                ).entries
                newest = page + newest
                if page.count < wanted { break }
            }
            for item in newest { try show(item) }
            guard follow else { return }
            for try await item in client.events(service: service, after: newest.last?.sequence ?? 0) { try show(item) }
        }
    }

    private func show(_ item: JournalItem) throws {
        guard !output.json else { return try StandardOutput.json(item) }
        let text = TerminalText.current
        let name = text.paint(item.kind, item.kind.contains("undone") ? .red : .bold)
        try StandardOutput.line(
            "\(item.sequence)  \(item.time)  \(item.service ?? "-")  \(name)  \(TerminalText.harmless(item.actor))  "
                + TerminalText.harmless(item.data["why"]?.text ?? ""))
    }

    private func show(_ check: JournalCheck) throws {
        if output.json {
            try StandardOutput.json(check)
        } else if check.problems.isEmpty {
            try StandardOutput.line("journal is whole: \(check.entries) entries, head \(check.head)")
        } else {
            for problem in check.problems {
                try StandardOutput.line("entry \(problem.sequence): \(TerminalText.harmless(problem.what))")
            }
        }
        if !check.problems.isEmpty {
            throw CommandFailure(
                .failed,
                "the journal of \(check.entries) entries has \(check.problems.count) problem(s): "
                    + "it is not what was written; compare it with a backup")
        }
    }
}
