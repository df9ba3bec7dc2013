public import AsyncHTTPClient
public import DeliveryModel

/// How the control plane wants its router.
public struct WantedRouter: Sendable, Equatable {
    /// Numeric address.
    public var host: String
    /// 0: whichever is used already, or a free one.
    public var port: Int
    /// `address:port`; `nil`: no TLS.
    public var tls: String?
    /// Further options of `nonevent router`.
    public var more: [String]
    /// Absolute path of the `nonevent` binary.
    public var executable: String
    /// Absolute path; holds the admin socket, the table, the logs, and a directory for each shim.
    public var directory: String

    public init(
        host: String, port: Int, tls: String?, more: [String] = [], executable: String, directory: String
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.more = more
        self.executable = executable
        self.directory = directory
    }

    /// The admin socket.
    public var socket: String { directory + "/router.sock" }

    /// What stands behind `nonevent router`.
    func options(port: Int) -> [String] {
        [
            "--leave-with", "\(RouterSlots.leavingCode)", "--listen", "\(host):\(port)", "--admin-socket", socket,
            "--state", directory + "/table.json",
        ] + (tls.map { ["--tls", $0] } ?? []) + more
    }
}

/// Keeps one router serving, and lets another one take its place when the binary or the options are others than those
/// it was started with. Each runs under a shim of its own.
///
/// Nothing of this is remembered: what to do follows from which routers there are, so that the next control plane goes
/// on where one was killed. Numbers only rise: a router with a lower number than the one that serves has given its
/// sockets away and ends by itself, one with a higher number is trying to get them.
public actor RouterKeeper {
    /// How long a router may take to serve after its start.
    public static let startLimit = Duration.seconds(15)
    /// So long a router that should be there may be silent, being restarted, until it is started anew.
    static let silenceLimit = Duration.seconds(5)
    static let poll = Duration.milliseconds(50)
    /// Given to one that has no connections left to lose.
    static let shortGrace = Duration.seconds(1)
    /// Longest time that a router which gave its sockets away is waited for beyond the time that it gives itself.
    static let drainMargin = Duration.seconds(60)

    private let wanted: WantedRouter
    private let identity: String?
    private let slots: RouterSlots
    private let traffic: RouterTrafficDriver
    private let freePort: @Sendable () throws -> Int
    private let drainLimit: @Sendable () async -> Duration
    private var current: (number: Int, command: [String])?
    private var leaving: [Int: (pid: Int32, since: ContinuousClock.Instant, isBeingStopped: Bool)] = [:]
    /// Why the router that serves is not the one that is wanted; `nil`: it is.
    public private(set) var notice: String?

    /// - Parameters:
    ///   - freePort: a port to listen on where none was named and no router serves.
    ///   - drainLimit: what a router that was replaced gives its connections.
    public init(
        wanted: WantedRouter, client: HTTPClient, traffic: RouterTrafficDriver,
        drainLimit: @escaping @Sendable () async -> Duration, freePort: @escaping @Sendable () throws -> Int
    ) {
        self.wanted = wanted
        self.traffic = traffic
        self.freePort = freePort
        self.drainLimit = drainLimit
        identity = FileIdentity.of(wanted.executable)
        slots = RouterSlots(directory: wanted.directory, executable: wanted.executable, client: client)
    }

    /// Finds the router, starts one, or lets a new one take over; returns when the one that stays serves.
    ///
    /// A router that cannot be replaced goes on, and ``notice`` says why.
    /// - Returns: the port for traffic.
    /// - Throws: `.timedOut` when none serves.
    public func start() async throws -> Int {
        var deadline = ContinuousClock.now + Self.startLimit
        let began = ContinuousClock.now
        var port: Int?
        var found = "it does not listen for traffic yet"
        while ContinuousClock.now < deadline {
            let there = try await slots.list()
            var serving: RouterTrafficDriver.Status?
            do throws(DriverError) { serving = try await traffic.status() } catch { found = "\(error)" }
            // 0: its admin socket is up, its traffic port is not.
            if let serving, serving.trafficPort > 0 { return try await settle(serving, there) }
            if !there.contains(where: \.isKept) {
                let chosen = try port ?? (wanted.port == 0 ? freePort() : wanted.port)
                port = chosen
                try await begin(there.last?.number ?? 1, port: chosen)
            } else if current == nil, .now - began > Self.silenceLimit {
                // Nobody serves, so nothing is lost. With what it was started with, perhaps a port that another program
                // has now, it does not come up.
                for slot in there { try await slots.stop(slot.number, grace: Self.shortGrace) }
                deadline = .now + Self.startLimit
            }
            try await Task.sleep(for: Self.poll)
        }
        throw DriverError(
            .timedOut,
            "the router does not serve on \(wanted.host):\(port ?? wanted.port) (is that port taken?): \(found); its "
                + "log is \(slots.log(current?.number ?? 1))")
    }

    /// To be called every second: finds the router's shim, or starts one that takes the router over; sees to it that
    /// routers which were replaced end.
    public func keep() async throws(DriverError) {
        if let current { _ = try await slots.start(current.number, command: current.command, takesOver: false) }
        try await clear()
    }

    /// Ends every router that is there, and their shims: all traffic ends.
    public static func stopAll(directory: String, executable: String, client: HTTPClient, grace: Duration)
        async throws(DriverError)
    {
        let slots = RouterSlots(directory: directory, executable: executable, client: client)
        var failure: DriverError?
        for slot in try await slots.list() {
            do throws(DriverError) { try await slots.stop(slot.number, grace: grace) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    // MARK: One that serves, and perhaps another

    private func begin(_ number: Int, port: Int) async throws(DriverError) {
        let command = [wanted.executable, "router"] + wanted.options(port: port)
        current = (number, command)
        _ = try await slots.start(number, command: command, takesOver: false)
    }

    /// - Parameter status: of a router that serves.
    private func settle(_ status: RouterTrafficDriver.Status, _ there: [RouterSlots.Slot]) async throws -> Int {
        var (status, there) = (status, there)
        let deadline = ContinuousClock.now + Self.startLimit
        // What a control plane before this one has begun comes to an end first: to end a router at the very moment at
        // which it gets the sockets would end all traffic.
        while let attempt = attempt(there, beside: status), !attempt.hasEnded, ContinuousClock.now < deadline {
            try await Task.sleep(for: Self.poll)
            status = (try? await traffic.status()) ?? status
            there = try await slots.list()
        }
        let serving = there.first { $0.status.pid == status.pid }
        for slot in there where slot.number > serving?.number ?? .max {
            try await slots.stop(slot.number, grace: .zero)
        }
        let options = wanted.options(port: wanted.port == 0 ? status.trafficPort : wanted.port)
        let command = [wanted.executable, "router"] + options
        current = (serving?.number ?? there.last?.number ?? 1, serving?.command ?? command)
        // A binary that is not there cannot be started either.
        guard let identity, status.launch?.executable != identity || status.launch?.plainOptions != options else {
            return status.trafficPort
        }
        return try await replace(status, command, after: there)
    }

    private func attempt(_ there: [RouterSlots.Slot], beside status: RouterTrafficDriver.Status) -> RouterSlots.Slot? {
        guard let serving = there.first(where: { $0.status.pid == status.pid }) else { return nil }
        return there.last { $0.number > serving.number }
    }

    /// Lets a new router take the place of the one that serves.
    private func replace(
        _ old: RouterTrafficDriver.Status, _ command: [String], after there: [RouterSlots.Slot]
    ) async throws -> Int {
        let number = (there.map(\.number).max() ?? 1) + 1
        let deadline = ContinuousClock.now + Self.startLimit
        do {
            _ = try await slots.start(number, command: command, takesOver: true)
            // Seen twice: a shim that is slow to answer looks like one that is gone.
            var endings = 0
            while ContinuousClock.now < deadline, endings < 2 {
                let slot = try await slots.list().first { $0.number == number }
                if let status = try? await traffic.status(), status.trafficPort > 0, status.pid != old.pid,
                    status.pid == slot?.status.pid
                {
                    current = (number, command)
                    notice = nil
                    slots.removeOldLogs(before: number)
                    return status.trafficPort
                }
                endings = slot?.hasEnded ?? true ? endings + 1 : 0
                try await Task.sleep(for: Self.poll)
            }
            notice = "it did not serve: \(slots.lastWords(number))"
        } catch let error as DriverError {
            notice = "\(error)"
        }
        try? await slots.stop(number, grace: .zero)
        notice =
            "the router (pid \(old.pid)) goes on with the binary and the options that it was started with, since the "
            + "one that should take its place failed: \(notice ?? ""); mend this and start `nonevent serve` again"
        return old.trafficPort
    }

    /// Takes away the shims of routers that gave their sockets away.
    private func clear() async throws(DriverError) {
        guard let current else { return }
        let old = try await slots.list().filter { $0.number < current.number }
        leaving = leaving.filter { number, _ in old.contains { $0.number == number } }
        let limit = await drainLimit() + Self.drainMargin
        for slot in old {
            let seen = leaving[slot.number] ?? (slot.status.pid, .now, false)
            leaving[slot.number] = seen
            guard !seen.isBeingStopped else { continue }
            // A shim that knows nothing of the last exit starts it again, in vain.
            let isGone = slot.status.pid == 0 || slot.status.pid != seen.pid || slot.status.phase == .backoff
            guard isGone || .now - seen.since > limit else { continue }
            leaving[slot.number]?.isBeingStopped = true
            Task {
                try? await slots.stop(slot.number, grace: Self.shortGrace)
                leaving[slot.number] = nil
                slots.removeOldLogs(before: current.number)
            }
        }
    }
}

extension RouterTrafficDriver.Launch {
    /// Without what only the start was about.
    var plainOptions: [String] { options.filter { $0 != "--takeover" } }
}
