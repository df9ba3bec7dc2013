import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct RolloutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout",
        abstract: "Pause, resume, promote or abort the running rollout.",
        discussion: "No rollout running: exit code 3. Example: nonevent rollout pause shop",
        subcommands: [RolloutPause.self, RolloutResume.self, RolloutPromote.self, RolloutAbort.self])
}

/// What the four verbs have in common.
struct RolloutArguments: ParsableArguments {
    @Argument(help: "The service.")
    var service: ServiceName
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func act(_ action: ControlPlaneClient.RolloutAction) async throws {
        let result = try await controlPlane.withClient { try await $0.rollout(action, service) }
        guard !output.json else { return try StandardOutput.json(result) }
        let rollout = result.rollout
        let state = RolloutText.end(rollout) + (rollout.paused ? ", paused" : "")
        try StandardOutput.line(
            "\(rollout.service): " + (result.changed ? "" : "nothing changed: ")
                + "rollout of \(TerminalText.shownCommit(rollout.commit)) is \(state): "
                + TerminalText.harmless(rollout.why))
    }
}

struct RolloutPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Hold the share where it is; an undo still happens when the judge demands it.",
        discussion: "Example: nonevent rollout pause shop")
    @OptionGroup var arguments: RolloutArguments
    func run() async throws { try await arguments.act(.pause) }
}

struct RolloutResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a paused rollout go on.",
        discussion: "Example: nonevent rollout resume shop")
    @OptionGroup var arguments: RolloutArguments
    func run() async throws { try await arguments.act(.resume) }
}

struct RolloutPromote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Send all traffic to the candidate now, without waiting for more evidence.",
        discussion: "Example: nonevent rollout promote shop")
    @OptionGroup var arguments: RolloutArguments
    func run() async throws { try await arguments.act(.promote) }
}

struct RolloutAbort: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "End the rollout: all traffic back to the release before.",
        discussion: "Example: nonevent rollout abort shop")
    @OptionGroup var arguments: RolloutArguments
    func run() async throws { try await arguments.act(.abort) }
}
