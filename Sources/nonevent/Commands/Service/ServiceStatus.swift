import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what serves, what is on its way, and what is wrong.",
        discussion: """
            Shows every service, or the one named. Example: nonevent status shop --watch
            """)

    @Argument(help: "The service; all of them when left out.")
    var service: ServiceName?
    @Flag(help: "Show it again every second, until interrupted.")
    var watch = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        try await controlPlane.withClient { client in
            repeat {
                let services =
                    if let service { [try await client.status(service)] } else { try await client.services().services }
                try show(services)
                if watch { try await Task.sleep(for: .seconds(1)) }
            } while watch && !Task.isCancelled
        }
    }

    private func show(_ services: [ServiceStatus]) throws {
        guard !output.json else {
            if service != nil || watch { return try services.forEach { try StandardOutput.json($0) } }
            return try StandardOutput.json(ServiceList(services: services))
        }
        let text = TerminalText.current
        let view = ServiceStatusView(text: text)
        var lines = services.flatMap { view.lines($0) }
        if services.isEmpty {
            lines = ["No services yet. Write a service file with `nonevent init`, then `nonevent deploy`."]
        }
        let redraw = watch && text.isTerminal ? TerminalText.redraw : ""
        try StandardOutput.write(redraw + lines.map { $0 + "\n" }.joined())
    }
}
