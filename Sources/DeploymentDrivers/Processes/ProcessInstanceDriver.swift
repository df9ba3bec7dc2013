public import AsyncHTTPClient
public import DeliveryModel
import Glibc
import Subprocess
import SystemPackage

/// Runs each instance as a process under a shim that outlives this one.
public actor ProcessInstanceDriver: InstanceDriver {
    /// How long a shim may take to say its status.
    static let answerLimit = Duration.seconds(1)
    /// Shims that are asked at the same time: hundreds woken at once would keep everybody else from the processor.
    static let askedAtOnce = 16
    /// What a stop may take beyond the grace: SIGKILL and the end of the group.
    static let stopMargin = Duration.seconds(15)
    static let lookInterval = Duration.milliseconds(20)

    nonisolated let directory: String
    nonisolated let executable: String
    nonisolated let client: HTTPClient
    nonisolated let logs: InstanceLogs
    nonisolated let options: ShimOptions
    /// By path of the instance's directory.
    private var remembered: [String: RememberedStatus] = [:]

    /// - Parameters:
    ///   - directory: absolute path; holds one directory per instance.
    ///   - logsDirectory: absolute path; holds `<service>/<release hex>/<instance id>.log`.
    ///   - executable: absolute path of the `nonevent` binary, started as `nonevent shim`.
    ///   - client: for readiness and smoke checks; shut down by its owner.
    public init(
        directory: String, logsDirectory: String, executable: String, client: HTTPClient,
        options: ShimOptions = ShimOptions()
    ) {
        self.directory = Self.canonical(directory)
        self.executable = executable
        self.client = client
        self.options = options
        logs = InstanceLogs(directory: logsDirectory)
    }

    public func start(_ plan: InstancePlan) async throws(DriverError) -> InstanceStatus {
        let place = try place(plan.id)
        if let status = try await ShimClient.ask("status", directory: place.path, within: Self.answerLimit) {
            return status
        }
        var options = options
        if options.logFile.isEmpty { options.logFile = logs.file(plan.service, plan.release, plan.id) }
        do throws(SystemFailure) {
            // No shim holds the plan now. An instance's plan is the same as before; the router's may have a new
            // command.
            try place.write(plan, options)
            logs.removeOldest(of: plan.service)
        } catch {
            throw DriverError(.failed, "cannot prepare instance \(plan.id): \(error)")
        }
        try await launch(place)
        guard let status = try await ShimClient.ask("status", directory: place.path, within: Self.answerLimit) else {
            throw DriverError(.failed, "the shim of \(plan.id) ended at once; see \(place.path)/\(ShimFiles.log)")
        }
        return status
    }

    public func stop(_ id: String, grace: Duration) async throws(DriverError) {
        let place = try place(id)
        guard access(place.path, F_OK) == 0 else { return }
        remembered[place.path] = nil
        let milliseconds = max(0, Int64(min(grace.inSeconds, 86_400) * 1000))
        let answer = try await ShimClient.ask(
            "stop \(milliseconds)", directory: place.path, within: grace + Self.stopMargin)
        if answer == nil { try await stopOrphan(place, grace: grace) }
        do { try place.remove() } catch {
            throw DriverError(.failed, "instance \(id) is stopped, but \(error)")
        }
    }

    public func list() async throws(DriverError) -> [InstanceStatus] {
        let places = Self.names(in: directory).map { InstanceDirectory(path: "\(directory)/\($0)") }.filter(\.exists)
        let known = remembered
        var still: [String: RememberedStatus] = [:]
        for place in places { still[place.path] = known[place.path].flatMap { $0.holds(place) ? $0 : nil } }
        let asked = await ask(places.filter { still[$0.path] == nil })
        remembered = still
        for (path, answer) in asked { remembered[path] = answer.remembered }
        return (still.values.map(\.status) + asked.values.map(\.status)).sorted { $0.id < $1.id }
    }

    private typealias Answer = (status: InstanceStatus, remembered: RememberedStatus?)

    private func ask(_ places: [InstanceDirectory]) async -> [String: Answer] {
        await withTaskGroup(of: (String, Answer)?.self) { group in
            var rest = places[...]
            func askNext() {
                guard let place = rest.popFirst() else { return }
                group.addTask {
                    let mark = RememberedStatus.mark(of: place)
                    guard let status = await Self.status(of: place) else { return nil }
                    return (place.path, (status, RememberedStatus(place, mark: mark, status: status)))
                }
            }
            for _ in 0..<Self.askedAtOnce { askNext() }
            var found: [String: Answer] = [:]
            while let answer = await group.next() {
                askNext()
                if let (path, answer) = answer { found[path] = answer }
            }
            return found
        }
    }

    /// Asks the shim; believes the files when there is none, or when it hangs.
    static func status(of place: InstanceDirectory) async -> InstanceStatus? {
        if let status = try? await ShimClient.ask("status", directory: place.path, within: answerLimit) {
            return status
        }
        return try? place.statusWithoutShim()
    }

    /// - Throws: `.refused` for an id that is no plain file name.
    nonisolated func place(_ id: String) throws(DriverError) -> InstanceDirectory {
        guard !id.isEmpty, id.utf8.count <= 200, !id.hasPrefix("."), !id.utf8.contains(where: { $0 == 47 || $0 == 0 })
        else {
            throw DriverError(.refused, "'\(id)' cannot be an instance's id: expected a file name of 1 to 200 bytes")
        }
        return InstanceDirectory(path: "\(directory)/\(id)")
    }

    private func stopOrphan(_ place: InstanceDirectory, grace: Duration) async throws(DriverError) {
        let start = ContinuousClock.now
        var alive = place.signalOrphan(SIGTERM)
        while alive {
            let late = ContinuousClock.now - start
            if late > grace + Self.stopMargin {
                throw DriverError(.timedOut, "the program in \(place.path) outlived SIGKILL by \(Self.stopMargin)")
            }
            do { try await Task.sleep(for: Self.lookInterval) } catch {
                throw DriverError(.timedOut, "the stop of \(place.path) was cancelled; call it again")
            }
            // Signal 0 only looks (kill(2)).
            alive = place.signalOrphan(late >= grace ? SIGKILL : 0)
        }
    }

    private func launch(_ place: InstanceDirectory) async throws(DriverError) {
        let message: String
        do {
            let result = try await Subprocess.run(
                .path(FilePath(executable)), arguments: ["shim", "--launch", "--directory", place.path],
                output: .discarded, error: .string(limit: 16 << 10))
            if result.terminationStatus.isSuccess { return }
            message = result.standardError ?? "\(result.terminationStatus)"
        } catch {
            message = "\(executable) cannot be run: \(error)"
        }
        throw DriverError(.failed, "cannot start the shim in \(place.path): \(message)")
    }

    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let found = readdir(stream) {
            let name = withUnsafePointer(to: &found.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// The path as the shim will know it, links resolved, so that both find the same mark in a program's environment.
    private static func canonical(_ directory: String) -> String {
        try? ShimFiles.makeDirectories(directory)
        guard let pointer = realpath(directory, nil) else { return directory }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}
