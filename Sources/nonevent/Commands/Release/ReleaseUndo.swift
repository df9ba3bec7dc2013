import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Send traffic back to the last good release.",
        discussion: """
            Takes effect within a second while that release is warm; a running rollout is ended.
            Undone already: nothing changes, exit code 0. No earlier good release: exit code 3.
            Example: nonevent undo shop
            """)

    @Argument(help: "The service.")
    var service: ServiceName
    @Option(help: ArgumentHelp("Go back to this release: digest, its beginning, or commit.", valueName: "release"))
    var to: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let result = try await controlPlane.withClient { try await $0.undo(service, to: to) }
        try MovedTraffic.show(result, json: output.json)
    }
}

/// Tells what an undo or a redo did.
enum MovedTraffic {
    static func show(_ result: UndoResult, json: Bool) throws {
        if json {
            try StandardOutput.json(result)
        } else if result.changed {
            let time = TerminalText.duration(seconds: result.seconds)
            try StandardOutput.line(
                "\(result.service): " + TerminalText.harmless(result.message) + ", after \(time)")
        } else {
            try StandardOutput.line("\(result.service): " + TerminalText.harmless(result.message))
        }
        if !result.journaled {
            StandardError.line(
                "nonevent: warning: the journal could not be written; the entry is kept in memory and written "
                    + "as soon as "
                    + "the disk takes it. Look at the disk of the data directory now.")
        }
    }
}
