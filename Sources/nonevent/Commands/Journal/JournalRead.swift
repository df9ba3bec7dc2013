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
            var last: Int64 = 0
            // Pages come oldest first; the newest are at the end of the last one.
            while true {
                let page = try await client.journal(after: last, limit: 1000, service: service).entries
                guard let end = page.last, end.sequence > last else { break }
                last = end.sequence
                newest = Array((newest + page).suffix(limit))
            }
            for item in newest { try show(item) }
            guard follow else { return }
            for try await item in client.events(service: service, after: last) { try show(item) }
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
