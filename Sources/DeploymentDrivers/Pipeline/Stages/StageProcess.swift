import DeliveryModel
import Glibc

/// One stage under its supervisor, seen from the control plane.
struct StageProcess: Sendable {
    /// Holds who the supervisor is, for a control plane that comes after this one.
    static let identityFile = "supervisor.json"
    /// What the supervisor may need beyond time limit and grace: killing what is left, and its own start.
    static let margin = Duration.seconds(60)
    private static let lookInterval: Int32 = 50
    private static let endingBytes = 64 << 10

    /// Absolute path of the `nonevent` binary.
    let executable: String
    let order: StageOrder

    /// Runs the stage to its end.
    ///
    /// - Returns: `nil` when the supervisor ended without a word; nothing of the stage runs then either.
    /// - Throws: when the supervisor cannot be started.
    func run(stop: CancelMark) async throws(SystemFailure) -> StageEnding? {
        let result = await OwnThread.run { () -> Result<StageEnding?, SystemFailure> in
            do throws(SystemFailure) { return .success(try work(stop)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func work(_ stop: CancelMark) throws(SystemFailure) -> StageEnding? {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw SystemFailure("cannot make a pair of sockets")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let pid = try start(ends[1])
        if let identity = ProcessTable.identity(pid) {
            let path = "\(order.attemptDirectory)/\(Self.identityFile)"
            try? ShimFiles.replace(path, with: ShimFiles.encode(identity))
        }
        let line = send(try ShimFiles.encode(order) + [10], to: ends[0]) ? follow(ends[0], stop) : nil
        collect(pid)
        guard let line, let ending = try? ShimFiles.decoded(StageEnding.self, from: line, of: "the ending") else {
            Self.killAll(markedWith: order.markedVariable, within: .seconds(5))
            return nil
        }
        return ending
    }

    private func start(_ end: Int32) throws(SystemFailure) -> Int32 {
        defer { close(end) }
        var spawn = Spawn(
            path: executable, arguments: ["nonevent", "shim", "--stage"],
            environment: ["PATH=/usr/local/bin:/usr/bin:/bin", "MALLOC_ARENA_MAX=1", order.markedVariable],
            family: .session,
            opened: [
                (1, "/dev/null", O_WRONLY),
                (2, "\(order.attemptDirectory)/supervisor.log", O_WRONLY | O_CREAT | O_APPEND),
            ], copied: [(0, end)])
        spawn.closesOthers = true
        return try spawn.run()
    }

    /// Waits for the ending and passes on that it shall stop.
    private func follow(_ end: Int32, _ stop: CancelMark) -> [UInt8]? {
        let deadline = ContinuousClock.now + order.timeout + order.grace + Self.margin
        var told = false
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while ContinuousClock.now < deadline {
            if stop.isSet && !told { told = send(Array("stop\n".utf8), to: end) }
            var polled = [pollfd(fd: end, events: Int16(POLLIN), revents: 0)]
            guard poll(&polled, 1, Self.lookInterval) > 0 else { continue }
            let count = read(end, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            line += buffer[..<count]
            if line.last == 10 { return line }
            guard line.count < Self.endingBytes else { return nil }
        }
        return nil
    }

    private func send(_ bytes: [UInt8], to end: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    end, buffer.baseAddress?.advanced(by: done), bytes.count - done, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// The supervisor ends by itself once it has spoken; one that does not is killed.
    private func collect(_ pid: Int32) {
        let deadline = ContinuousClock.now + .seconds(5)
        var status: Int32 = 0
        while ContinuousClock.now < deadline {
            let found = waitpid(pid, &status, WNOHANG)
            if found == pid || found < 0 && errno == ECHILD { return }
            usleep(1000)
        }
        kill(pid, SIGKILL)
        waitpid(pid, &status, 0)
    }

    /// Kills every process that was started with this variable, again and again while there are any.
    ///
    /// - Returns: whether any was found.
    @discardableResult
    static func killAll(markedWith variable: String, within limit: Duration) -> Bool {
        let deadline = ContinuousClock.now + limit
        var found = false
        while ContinuousClock.now < deadline {
            let pids = ProcessTable.started(with: variable)
            if pids.isEmpty { break }
            found = true
            for pid in pids { kill(pid, SIGKILL) }
            usleep(5000)
        }
        return found
    }
}
