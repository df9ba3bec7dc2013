public import ArgumentParser
import DeliveryAPI
public import DeliveryModel
import FoundationEssentials

/// How a command finds its control plane.
struct ControlPlaneOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Directory of the control plane (default: $NONEVENT_DATA, else ~/.local/state/nonevent).",
            discussion: "Its address and token are read there, unless $NONEVENT_URL and $NONEVENT_TOKEN are set.",
            valueName: "directory"))
    var data: String?

    func location() throws -> ControlPlaneLocation {
        let environment = ProcessInfo.processInfo.environment
        let directory = DataDirectory.resolve(explicit: data, environment: environment)
        return try ControlPlaneLocation.find(environment: environment, data: directory)
    }

    /// Runs `body` with a client that is closed afterwards.
    func withClient<Value: Sendable>(_ body: @Sendable (ControlPlaneClient) async throws -> Value) async throws -> Value
    {
        try await ControlPlaneClient.with(try location(), body: body)
    }
}

/// How a command writes what it found.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Write JSON: one object, or one a line, with stable keys.")
    var json = false
}

extension ServiceName: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
