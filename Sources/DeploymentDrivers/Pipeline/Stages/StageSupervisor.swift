import DeliveryModel
import Glibc
import SystemCalls

/// `nonevent shim --stage`: a small process that runs one stage's command and answers for all that comes of it.
///
/// As a subreaper it is the parent of whatever forks away from the command, so nothing outlives it, whatever it does to
/// its session or environment. When the control plane dies, it ends the stage at once.
struct StageSupervisor {
    private enum Phase {
        case running(until: ContinuousClock.Instant)
        /// SIGTERM sent; SIGKILL at that moment.
        case ending(StageEnding.Cause, killAt: ContinuousClock.Instant)
    }

    /// How often what is being ended is looked at.
    private static let lookInterval: Int32 = 20
    private static let readBytes = 64 << 10
    /// What may come out of a pipe after all its writers are gone.
    private static let pipeBytes = 2 << 20
    /// How long what is left is killed again and again.
    private static let killLimit = Duration.seconds(10)
    private static let control: Int32 = 0

    private let order: StageOrder
    private let signals: Int32
    private let output: PipeEnds
    private var mask: OutputMask
    private var writer: StageOutputWriter
    private var phase: Phase
    private var program: Int32 = 0
    private var status: Int32?
    private let started = ContinuousClock.now
    private var ended = ContinuousClock.now
    private var outputBytes = 0
    private var words: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: Self.readBytes)

    /// - Returns: the exit code: 0 when an ending was sent, 1 when not, with a message on standard error.
    static func run() -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        Shim.closeInherited()
        do throws(SystemFailure) {
            let order = try readOrder()
            var supervisor = try StageSupervisor(order)
            let ending = supervisor.supervise()
            let line = try ShimFiles.encode(ending) + [10]
            return send(line) ? 0 : 1
        } catch {
            let bytes = Array("nonevent shim --stage: \(error)\n".utf8)
            _ = write(2, bytes, bytes.count)
            return 1
        }
    }

    private init(_ order: StageOrder) throws(SystemFailure) {
        self.order = order
        guard chdir(order.workingDirectory) == 0 else { throw SystemFailure("cannot enter \(order.workingDirectory)") }
        signals = LinuxCalls.signalDescriptor([SIGCHLD, SIGTERM, SIGINT])
        guard signals >= 0, LinuxCalls.becomeSubreaper() else { throw SystemFailure("cannot watch children") }
        output = try PipeEnds()
        writer = try StageOutputWriter(directory: order.outputDirectory)
        mask = OutputMask(order.secrets.map { Array($0.utf8) })
        phase = .running(until: .now + order.timeout)
        _ = fcntl(Self.control, F_SETFL, O_NONBLOCK)
    }

    private mutating func supervise() -> StageEnding {
        do throws(SystemFailure) { program = try start() } catch {
            return StageEnding(cause: .notStarted, exitCode: nil, words: error.description, duration: .zero)
        }
        output.closeWriting()
        while !step() {
            var polled = [signals, output.reading, Self.control].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&polled, nfds_t(polled.count), wait()) > 0 else { continue }
            if polled[0].revents != 0 { takeSignals() }
            if polled[1].revents & Int16(POLLIN) != 0 {
                _ = readOutput()
            }
            // A pipe that everybody has let go of is always ready.
            else if polled[1].revents != 0 {
                usleep(1000)
            }
            if polled[2].revents != 0 { readControl() }
        }
        return finish()
    }

    private func start() throws(SystemFailure) -> Int32 {
        guard let name = order.command.first, !name.isEmpty else {
            throw SystemFailure("the command is empty", code: 0)
        }
        var path = name
        if !name.contains("/") {
            let search = order.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
            let places = search.split(separator: ":").map { "\($0)/\(name)" }
            guard let found = places.first(where: { access($0, X_OK) == 0 }) else {
                throw SystemFailure("cannot start \(name): it is in none of \(search)", code: 0)
            }
            path = found
        }
        var spawn = Spawn(
            path: path, arguments: order.command,
            environment: order.environment.map { "\($0.key)=\($0.value)" }, family: .group,
            opened: [(0, "/dev/null", O_RDONLY)], copied: [(1, output.writing), (2, output.writing)])
        spawn.closesOthers = true
        return try spawn.run()
    }

    /// Does what is due.
    ///
    /// - Returns: whether all is over but for what is left behind.
    private mutating func step() -> Bool {
        reap()
        switch phase {
        case .running(let until):
            if status != nil { return true }
            if until <= .now { end(.timedOut, grace: order.grace) }
            return false
        case .ending(_, let killAt):
            return killAt <= .now || status != nil && descendants().isEmpty
        }
    }

    private func wait() -> Int32 {
        switch phase {
        case .running(let until):
            let rest = (until - .now).inSeconds
            return Int32(min(60_000, max(0, rest * 1000 + 1)))
        case .ending: return Self.lookInterval
        }
    }

    private mutating func end(_ cause: StageEnding.Cause, grace: Duration) {
        let killAt = ContinuousClock.now + grace
        if case .ending(let first, let earlier) = phase {
            phase = .ending(first, killAt: min(earlier, killAt))
            return
        }
        phase = .ending(cause, killAt: killAt)
        kill(-program, SIGTERM)
        for pid in descendants() { kill(pid, SIGTERM) }
    }

    private mutating func reap() {
        while true {
            var found: Int32 = 0
            let pid = waitpid(-1, &found, WNOHANG)
            if pid < 0 && errno == EINTR { continue }
            guard pid > 0 else { return }
            if pid == program {
                status = found
                ended = .now
            }
        }
    }

    private mutating func takeSignals() {
        var information = [UInt8](repeating: 0, count: 128)
        while read(signals, &information, information.count) == information.count {
            if Int32(information[0]) != SIGCHLD { end(.stopped, grace: order.grace) }
        }
    }

    private mutating func readControl() {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(Self.control, &bytes, bytes.count)
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return }
        // Nobody waits for this stage any more, and the next control plane makes the attempt again.
        guard count > 0 else { return end(.stopped, grace: .zero) }
        words += bytes[..<count]
        if words.contains(10) { end(.stopped, grace: order.grace) }
    }

    private mutating func readOutput() -> Bool {
        let count = read(output.reading, &buffer, buffer.count)
        guard count > 0 else { return false }
        outputBytes += count
        writer.write(mask.take(buffer[..<count]))
        return true
    }

    /// Kills what is left, reads what it wrote, and says how it was.
    private mutating func finish() -> StageEnding {
        var left: [Int32: String] = [:]
        let deadline = ContinuousClock.now + Self.killLimit
        // Once the program has been waited for, its number may be another's.
        if status == nil { kill(-program, SIGKILL) }
        while ContinuousClock.now < deadline {
            let living = descendants()
            if living.isEmpty && status != nil { break }
            for pid in living {
                if pid != program { left[pid] = Self.name(of: pid) }
                kill(pid, SIGKILL)
            }
            usleep(2000)
            reap()
        }
        reap()
        let limit = outputBytes + Self.pipeBytes
        while outputBytes < limit, readOutput() {}
        writer.write(mask.flush())
        writer.closeFile()
        var ending = StageEnding(
            cause: .ended, exitCode: nil, words: status.map(ProgramSupervisor.words(forStatus:)) ?? "does not end",
            duration: ended - started, outputBytes: outputBytes, lostBytes: writer.lost)
        if case .ending(let cause, _) = phase {
            ending.cause = cause
        } else {
            // Stopping ends all there is; only after an end by itself is something left behind.
            ending.left = left.sorted { $0.key < $1.key }.prefix(StageEnding.leftLimit).map { "\($1) (\($0))" }
            ending.leftCount = left.count
        }
        if let status, status & 0x7f == 0 { ending.exitCode = Int((status >> 8) & 0xff) }
        return ending
    }

    /// Living processes that come from this one, or bear the attempt's mark.
    private func descendants() -> [Int32] {
        let all = ProcessTable.all()
        var family: Set<Int32> = [getpid()]
        var grown = true
        while grown {
            grown = false
            for entry in all where family.contains(entry.parent) && family.insert(entry.pid).inserted { grown = true }
        }
        family.formUnion(ProcessTable.started(with: order.markedVariable))
        family.remove(getpid())
        return all.filter { $0.lives && family.contains($0.pid) }.map(\.pid)
    }

    private static func name(of pid: Int32) -> String {
        let bytes = (try? ShimFiles.read("/proc/\(pid)/comm", limit: 64)) ?? []
        return GitText.plain(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self), limit: 32)
    }

    private static func readOrder() throws(SystemFailure) -> StageOrder {
        var line: [UInt8] = []
        var byte = [UInt8](repeating: 0, count: 64 << 10)
        // The words that follow come later: nobody sends one before the order has been taken.
        while line.last != 10 {
            let count = read(control, &byte, byte.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw SystemFailure("expected an order on standard input, found its end", code: 0) }
            line += byte[..<count]
            guard line.count <= StageOrder.limit else { throw SystemFailure("the order is too long", code: 0) }
        }
        return try ShimFiles.decoded(StageOrder.self, from: line, of: "the order")
    }

    private static func send(_ line: [UInt8]) -> Bool {
        _ = fcntl(control, F_SETFL, 0)
        var done = 0
        while done < line.count {
            let count = line.withUnsafeBytes { write(control, $0.baseAddress?.advanced(by: done), line.count - done) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }
}
