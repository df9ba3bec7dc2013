public import AsyncHTTPClient
public import DeliveryModel

/// Keeps the router running under a shim of its own, which brings it back when the control plane is gone too.
public struct RouterProcess: Sendable {
    /// The name of its directory and in its logs.
    public static let id = "router"

    private let driver: ProcessInstanceDriver
    private let logFile: String

    /// - Parameters:
    ///   - directory: absolute path; holds the shim's files in `router/` and its output in `router.log`.
    ///   - executable: absolute path of the `nonevent` binary.
    public init(directory: String, executable: String, client: HTTPClient) {
        var options = ShimOptions.router
        logFile = "\(directory)/router.log"
        options.logFile = logFile
        driver = ProcessInstanceDriver(
            directory: directory, logsDirectory: "\(directory)/logs", executable: executable, client: client,
            options: options)
    }

    /// Starts the router unless it runs.
    /// - Parameters:
    ///   - command: program and arguments, `nonevent router ...`.
    ///   - directory: its working directory, absolute.
    public func ensureRunning(command: [String], directory: String) async throws(DriverError) -> InstanceStatus {
        guard let service = ServiceName(Self.id), let release = ReleaseDigest(String(repeating: "0", count: 64)) else {
            throw DriverError(.refused, "'\(Self.id)' is no service name")
        }
        return try await driver.start(
            InstancePlan(
                id: Self.id, service: service, release: release, commit: "",
                command: command.map {
                    $0.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
                },
                directory: directory, configDirectory: directory))
    }

    public func status() async throws(DriverError) -> InstanceStatus? {
        try await driver.list().first { $0.id == Self.id }
    }

    /// Stops the router and its shim; all traffic ends.
    public func stop(grace: Duration) async throws(DriverError) { try await driver.stop(Self.id, grace: grace) }
}
