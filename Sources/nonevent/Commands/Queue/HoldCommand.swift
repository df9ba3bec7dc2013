import ArgumentParser
import DeliveryAPI
import DeliveryModel

/// `nonevent hold`: deploys wait. Not to be taken for `nonevent traffic`, which keeps requests back.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Let deploys wait, of one service or of all, until the hold is released.",
        discussion: """
            Pipelines go on; what passes waits in the queue. A rollout under way goes on, and undo and redo work. \
            People's requests are served as ever: to keep those back, see `nonevent traffic`. Without a service the \
            holds are listed.
            Example: nonevent hold shop "the warehouse is counting"
            Example: nonevent hold --all "holiday" ; nonevent hold --all --release
            """)

    @Argument(help: ArgumentHelp("The service (not with --all), and why.", valueName: "service reason"))
    var words: [String] = []
    @Flag(help: "Deploys of every service.")
    var all = false
    @Flag(help: "End the hold: what waits goes on.")
    var release = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    private var service: String? { all ? nil : words.first }
    private var reason: String { words.dropFirst(all ? 0 : 1).joined(separator: " ") }

    func validate() throws {
        if let service, ServiceName(service) == nil {
            throw ValidationError(
                "'\(service)' is not a service name; name a service first, then the reason, or give --all")
        }
        if release, !all, service == nil { throw ValidationError("whose hold? name a service, or give --all") }
    }

    func run() async throws {
        let name = service.flatMap { ServiceName($0) }
        guard all || name != nil else {
            let queue = try await controlPlane.withClient { try await $0.queue() }
            guard !output.json else {
                return try StandardOutput.json(DeployHoldResult(changed: false, holds: queue.holds))
            }
            return try show(queue.holds)
        }
        let reason = reason
        let result = try await controlPlane.withClient { client in
            release ? try await client.releaseDeploys(name) : try await client.holdDeploys(name, reason: reason)
        }
        if output.json {
            try StandardOutput.json(result)
        } else if release, result.changed {
            try StandardOutput.line("Deploys of \(name?.text ?? "all services") go on.")
        } else {
            try show(result.holds)
        }
        if release, !result.changed { throw CommandFailure(.nothingToDo, output.json ? "" : "there was no such hold") }
    }

    private func show(_ holds: [DeployHoldStatus]) throws {
        if holds.isEmpty { try StandardOutput.line("No deploys are held.") }
        try holds.forEach { try StandardOutput.line(QueueView.hold($0)) }
    }
}
