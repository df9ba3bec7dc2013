import Glibc

/// Starts a shim in a session of its own and returns when it listens, so that the caller has no child to look after.
enum ShimLauncher {
    static let readyMark = Array("ready\n".utf8)
    static let readyLimit = Duration.seconds(10)
    /// Most bytes of the shim's own complaints that are passed on.
    private static let complaintLimit = 4096

    static func launch(directory: String) throws(SystemFailure) {
        if isListening() { return }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemFailure("cannot make a pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        unlink(ShimFiles.log)
        var environment: [String] = []
        var pointer = environ
        while let entry = pointer.pointee {
            environment.append(String(cString: entry))
            pointer += 1
        }
        let spawn = Spawn(
            path: "/proc/self/exe", arguments: ["nonevent", "shim", "--directory", directory],
            environment: environment.filter { !$0.hasPrefix("MALLOC_ARENA_MAX=") } + ["MALLOC_ARENA_MAX=1"],
            family: .session,
            opened: [(0, "/dev/null", O_RDONLY), (2, "\(directory)/\(ShimFiles.log)", O_WRONLY | O_CREAT | O_APPEND)],
            copied: [(1, ends[1])])
        let pid = try spawn.run()
        close(ends[1])
        defer { close(ends[0]) }
        if awaitReady(ends[0]) { return }
        // It ended without the mark: another launcher was faster, or it cannot run.
        let deadline = ContinuousClock.now + .seconds(2)
        while ContinuousClock.now < deadline {
            if isListening() { return }
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) == pid, complaint().isEmpty { break }
            usleep(10_000)
            if !complaint().isEmpty, !complaint().contains("has a shim already") { break }
        }
        let found = complaint()
        throw SystemFailure(
            "the shim of \(directory) did not come up within \(readyLimit): "
                + "\(found.isEmpty ? "it said nothing" : found)",
            code: 0)
    }

    private static func complaint() -> String {
        let bytes = (try? ShimFiles.read(ShimFiles.log)) ?? []
        return String(decoding: bytes.suffix(complaintLimit), as: UTF8.self)
    }

    private static func awaitReady(_ end: Int32) -> Bool {
        let deadline = ContinuousClock.now + readyLimit
        var buffer = [UInt8](repeating: 0, count: readyMark.count)
        while true {
            let rest = deadline - .now
            guard rest > .zero else { return false }
            var polled = [pollfd(fd: end, events: Int16(POLLIN), revents: 0)]
            let milliseconds = Int32(
                rest.components.seconds * 1000 + rest.components.attoseconds / 1_000_000_000_000_000)
            guard poll(&polled, 1, milliseconds + 1) > 0 else { continue }
            return read(end, &buffer, buffer.count) == readyMark.count
        }
    }

    private static func isListening() -> Bool {
        let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard client >= 0 else { return false }
        defer { close(client) }
        return ShimServer.withAddress(ShimFiles.socket) { connect(client, $0, $1) } == 0
    }
}
