import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct RedoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redo",
        abstract: "Send traffic forward again after an undo.",
        discussion: """
            Moves all traffic to the release that the last undo left; one that never served everybody goes forward \
            as a watched rollout instead. Nothing to redo: exit code 3.
            Example: nonevent redo shop
            """)

    @Argument(help: "The service.")
    var service: ServiceName
    @Option(help: ArgumentHelp("The undone release: digest, its beginning, or commit.", valueName: "release"))
    var to: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let result = try await controlPlane.withClient { try await $0.redo(service, to: to) }
        try MovedTraffic.show(result, json: output.json)
    }
}
