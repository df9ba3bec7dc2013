import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct DrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Practise an undo on live traffic, and measure it.",
        discussion: """
            Sends traffic back to the previous release and forward again, and counts what went wrong meanwhile: \
            exit code 1 when a request was answered badly. Example: nonevent drill shop
            """)

    @Argument(help: "The service.")
    var service: ServiceName
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let result = try await controlPlane.withClient { try await $0.drill(service) }
        if output.json {
            try StandardOutput.json(result)
        } else {
            let (undo, redo) = (result.undoSeconds, result.redoSeconds)
            try StandardOutput.line(
                "\(result.service): undo to \(result.to.short) took \(TerminalText.duration(seconds: undo)), "
                    + "redo to \(result.from.short) took \(TerminalText.duration(seconds: redo)); "
                    + "\(result.bad) of \(result.requests) requests were answered badly")
        }
        if result.bad > 0 { throw CommandFailure(.failed) }
    }
}
