import ArgumentParser
import DeliveryAPI
import DeliveryModel

/// `nonevent queue`.
struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Show which deploys run and wait, and what each waits for.",
        discussion: """
            A service has one rollout at most; a newer commit takes the place of the one that waits, and ships both. \
            Undo and redo never wait. Example: nonevent queue
            """,
        subcommands: [QueueShow.self, QueueMove.self, QueueDrop.self], defaultSubcommand: QueueShow.self)
}

struct QueueShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the queue (what `nonevent queue` does).",
        discussion: "Example: nonevent queue --watch")

    @Flag(help: "Show it again every second, until interrupted.")
    var watch = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        try await controlPlane.withClient { client in
            repeat {
                let queue = try await client.queue()
                if output.json {
                    try StandardOutput.json(queue)
                } else {
                    let text = TerminalText.current
                    let redraw = watch && text.isTerminal ? TerminalText.redraw : ""
                    let lines = QueueView(text: text).lines(queue)
                    try StandardOutput.write(redraw + lines.map { $0 + "\n" }.joined())
                }
                if watch { try await Task.sleep(for: .seconds(1)) }
            } while watch && !Task.isCancelled
        }
    }
}

struct QueueMove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Give a waiting deploy another place.",
        discussion: "Place 1 is the front. Example: nonevent queue move shop 1")

    @Argument(help: "The service.")
    var service: ServiceName
    @Argument(help: "The place, from 1.")
    var place: Int
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func validate() throws {
        guard (1...100_000).contains(place) else { throw ValidationError("a place is 1 to 100000, not \(place)") }
    }

    func run() async throws {
        let result = try await controlPlane.withClient { try await $0.moveInQueue(service, to: place) }
        try QueueView.show(result, output)
    }
}

struct QueueDrop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Take a service's waiting deploy out of the queue.",
        discussion: "Its commits go out with the next deploy. Example: nonevent queue drop shop")

    @Argument(help: "The service.")
    var service: ServiceName
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let result = try await controlPlane.withClient { try await $0.dropFromQueue(service) }
        try QueueView.show(result, output)
    }
}

/// The queue in words.
struct QueueView {
    let text: TerminalText

    static func show(_ result: QueueActionResult, _ output: OutputOptions) throws {
        guard !output.json else { return try StandardOutput.json(result) }
        try QueueView(text: .current).lines(result.queue).forEach { try StandardOutput.line($0) }
    }

    func lines(_ queue: QueueStatus) -> [String] {
        var lines = queue.warnings.map { text.paint(TerminalText.harmless($0), .yellow) }
        lines += queue.holds.map(Self.hold)
        lines += queue.running.map { deploy in
            text.paint("running", .blue)
                + "  \(deploy.service)  \(deploy.release.short)  commit \(TerminalText.shownCommit(deploy.commit))"
        }
        for deploy in queue.waiting {
            let fix = deploy.priority == "fix" ? ", a fix" : ""
            let forecast =
                deploy.forecastSeconds.map { ", in about " + TerminalText.duration(seconds: $0) } ?? ""
            lines.append(
                "\(deploy.position). \(deploy.service)  \(deploy.release.short)  commit "
                    + "\(TerminalText.shownCommit(deploy.commit))\(fix), by \(TerminalText.harmless(deploy.actor))"
                    + forecast)
            lines += deploy.waitsFor.map { "   waits for " + TerminalText.harmless($0) }
            guard deploy.commits.count > 1 else { continue }
            lines += deploy.commits.map { commit in
                text.paint(
                    "   commit \(TerminalText.shownCommit(commit.commit)) " + TerminalText.harmless(commit.subject),
                    .dim)
            }
        }
        return lines.isEmpty ? ["No deploy runs or waits."] : lines
    }

    static func hold(_ hold: DeployHoldStatus) -> String {
        let who = hold.service.map(\.text) ?? "all services"
        let reason = hold.reason.isEmpty ? "" : ": " + hold.reason
        return "held     deploys of \(who) wait, by " + TerminalText.harmless("\(hold.by)\(reason)")
            + ", since \(hold.since)"
    }
}
