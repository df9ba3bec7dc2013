import AsyncHTTPClient
import DeliveryModel
import FoundationEssentials
import Glibc

/// The places where routers run, each under a shim of its own, which brings its router back when the control plane is
/// gone too: `router`, `router-2`, `router-3` and so on. While one router takes another one's place there are two.
struct RouterSlots: Sendable {
    /// With this a router says that another one has its sockets.
    static let leavingCode: Int32 = 86
    /// Logs of slots that are gone are kept of so many.
    static let keptLogs = 3

    /// One that is there.
    struct Slot: Sendable {
        var number: Int
        var status: InstanceStatus
        /// `nonevent router ...`, as its shim restarts it.
        var command: [String]

        /// Whether a shim keeps it.
        var isKept: Bool { status.phase != .stopped && status.phase != .orphaned }
        /// Whether its first program has ended.
        var hasEnded: Bool { status.phase == .stopped || status.phase == .backoff || status.restarts > 0 }
    }

    let directory: String
    let executable: String
    let client: HTTPClient

    static func name(_ number: Int) -> String { number == 1 ? "router" : "router-\(number)" }

    static func number(_ name: some StringProtocol) -> Int? {
        if name == "router" { return 1 }
        guard name.hasPrefix("router-"), let number = Int(name.dropFirst(7)), number > 1 else { return nil }
        return number
    }

    func log(_ number: Int) -> String { "\(directory)/\(Self.name(number)).log" }

    /// In the order of their numbers.
    func list() async throws(DriverError) -> [Slot] {
        try await driver(1).list().compactMap { status in
            guard let number = Self.number(status.id) else { return nil }
            let plan = try? InstanceDirectory(path: "\(directory)/\(status.id)").plan()
            return Slot(number: number, status: status, command: plan.map { Self.plain($0.command) } ?? [])
        }.sorted { $0.number < $1.number }
    }

    /// Starts a router unless one runs there.
    /// - Parameters:
    ///   - command: program and arguments, without `--takeover`.
    ///   - takesOver: whether its first start, and no later one, takes the sockets of the router that serves.
    func start(_ number: Int, command: [String], takesOver: Bool) async throws(DriverError) -> InstanceStatus {
        let name = Self.name(number)
        guard let service = ServiceName(name), let release = ReleaseDigest(String(repeating: "0", count: 64)) else {
            throw DriverError(.refused, "'\(name)' is no service name")
        }
        return try await driver(number, takesOver: takesOver).start(
            InstancePlan(
                id: name, service: service, release: release, commit: "", command: command.map(Self.quoted),
                directory: directory, configDirectory: directory))
    }

    /// Ends a router and its shim and takes its directory away; its log stays.
    func stop(_ number: Int, grace: Duration) async throws(DriverError) {
        try await driver(number).stop(Self.name(number), grace: grace)
    }

    /// Takes away the logs of slots long gone.
    /// - Parameter current: the slot that serves.
    func removeOldLogs(before current: Int) {
        for name in ProcessInstanceDriver.names(in: directory) {
            let parts = name.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, parts[1].hasPrefix("log"), let number = Self.number(parts[0]),
                number <= current - Self.keptLogs, access("\(directory)/\(parts[0])", F_OK) != 0
            else { continue }
            unlink("\(directory)/\(name)")
        }
    }

    /// What a shim notes of its program, in which it says nothing itself.
    private static let notes = ["started ", "stopping", "stopped", "exited with code ", "killed by signal "]
    /// What a router says that is started again, without taking over, while the one before it goes on.
    private static let retry = "another router holds the admin socket"

    /// The last lines that the router itself has written.
    func lastWords(_ number: Int) -> String {
        let lines = InstanceLogs.tail(log(number), lines: 40).filter { line in
            !Self.notes.contains { line.contains("Z nonevent: \($0)") } && !line.contains(Self.retry)
        }.suffix(5)
        return lines.isEmpty ? "it said nothing" : lines.joined(separator: " | ")
    }

    private func driver(_ number: Int, takesOver: Bool = false) -> ProcessInstanceDriver {
        var options = ShimOptions.router
        options.logFile = log(number)
        options.firstArguments = takesOver ? ["--takeover"] : nil
        return ProcessInstanceDriver(
            directory: directory, logsDirectory: "\(directory)/logs", executable: executable, client: client,
            options: options)
    }

    /// A plan's `$` begins a variable, but in `$$`.
    private static func quoted(_ word: String) -> String { Self.replacing("$", by: "$$", in: word) }
    private static func plain(_ command: [String]) -> [String] { command.map { Self.replacing("$$", by: "$", in: $0) } }

    private static func replacing(_ text: String, by other: String, in word: String) -> String {
        var (result, rest) = ("", word[...])
        while let next = rest.first {
            if rest.hasPrefix(text) {
                result += other
                rest = rest.dropFirst(text.count)
            } else {
                result.append(next)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
