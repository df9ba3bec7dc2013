import DeliveryModel
import Glibc
import SystemCalls

/// Keeps one program running until it is told to stop: one thread, one `poll`.
struct ProgramSupervisor {
    enum Phase {
        case running
        /// Ended; starts again at that moment.
        case backoff(until: ContinuousClock.Instant)
        /// SIGTERM sent; SIGKILL at that moment.
        case stopping(killAt: ContinuousClock.Instant)
    }

    /// How often a group that is being stopped, or a program that is not our child, is looked at.
    static let lookInterval = Duration.milliseconds(20)
    /// Most bytes read from the program before other business gets its turn.
    static let readLimit = 16 << 10

    let plan: InstancePlan
    let options: ShimOptions
    let directory: String
    var state: ShimState
    var phase: Phase
    var log: OutputLog
    var backoff: RestartBackoff
    var server: ShimServer
    var kept: KeptSockets
    let signals: Int32
    let output: Int32
    /// The program was left by an earlier shim and is not our child.
    var adopted = false
    var startedTick = ContinuousClock.now
    private var buffer = [UInt8](repeating: 0, count: Self.readLimit)

    /// - Parameter directory: absolute path of the instance's directory, which is the working directory too.
    init(directory: String) throws(SystemFailure) {
        plan = try ShimFiles.decode(InstancePlan.self, ShimFiles.plan)
        var options = ShimOptions()
        if access(ShimFiles.options, F_OK) == 0 { options = try ShimFiles.decode(ShimOptions.self, ShimFiles.options) }
        guard !plan.command.isEmpty else {
            throw SystemFailure("\(directory)/plan.json has an empty command; name a program", code: 0)
        }
        self.directory = directory
        self.options = options
        let boot = ProcessTable.bootIdentifier()
        let own = ProcessTable.identity(getpid()) ?? ProcessIdentity(pid: getpid(), startTime: 0, boot: boot)
        let former = try? ShimFiles.decode(ShimState.self, ShimFiles.state)
        state = former ?? ShimState(shim: own, program: nil, port: 0, restarts: 0)
        state.shim = own
        let logFile = options.logFile.isEmpty ? "\(directory)/\(ShimFiles.output)" : options.logFile
        if let parent = ShimFiles.parent(of: logFile) { try ShimFiles.makeDirectories(parent) }
        log = OutputLog(path: logFile, options: options)
        backoff = RestartBackoff(options)
        signals = LinuxCalls.signalDescriptor([SIGCHLD, SIGTERM, SIGINT])
        guard signals >= 0, LinuxCalls.becomeSubreaper() else { throw SystemFailure("cannot watch children") }
        // A named pipe that the program itself holds open for reading too outlives this shim: the program is not killed
        // by SIGPIPE when
        // the shim is, and the next shim reads on.
        guard mkfifo(ShimFiles.pipe, 0o600) == 0 || errno == EEXIST else { throw SystemFailure("cannot make a pipe") }
        output = open(ShimFiles.pipe, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard output >= 0 else { throw SystemFailure("cannot open \(ShimFiles.pipe)") }
        phase = .backoff(until: .now)
        server = try ShimServer()
        kept = try KeptSockets(directory: directory, patience: options.socketPatience)
        adoptOrClear(former)
    }

    /// Above this a shim gives back the pages that starting up has touched: there is one shim an instance.
    private static let memoryGoal = 8 << 20
    /// Between two looks at that. Each answer touches some of those pages again, so to give them back after each would
    /// cost far more than answering.
    private static let trimPace = Duration.seconds(60)

    /// Runs until the program has been stopped for good.
    mutating func run() {
        var nextTrim = ContinuousClock.now
        while true {
            reap()
            if step() { return }
            if nextTrim <= .now {
                ResidentMemory.trim(over: Self.memoryGoal)
                nextTrim = .now + Self.trimPace
            }
            var polled = ([signals, output, kept.descriptor] + server.descriptors).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&polled, nfds_t(polled.count), timeout()) > 0 else { continue }
            for entry in polled where entry.revents != 0 {
                switch entry.fd {
                case signals: takeSignals()
                case output: readOutput()
                case kept.descriptor: kept.receive()
                case server.listener: server.acceptClient()
                default:
                    for request in server.receive(from: entry.fd) { answer(request, to: entry.fd) }
                }
            }
        }
    }

    /// Does what is due now.
    /// - Returns: whether all is done.
    private mutating func step() -> Bool {
        if let deadline = kept.deadline, deadline <= .now {
            kept.drop()
            log.note("its listening sockets are closed: it is not ready again", at: Self.now())
        }
        switch phase {
        case .running:
            if adopted, let program = state.program, !ProcessTable.lives(program) {
                ended("ended while no shim watched it")
            }
        case .backoff(let until):
            if until <= .now { start() }
        case .stopping(let killAt):
            if isGone() {
                finish()
                return true
            }
            if killAt <= .now { killLeftovers() }
        }
        return false
    }

    private func timeout() -> Int32 {
        let next: Int32 =
            switch phase {
            case .running: adopted ? milliseconds(Self.lookInterval) : -1
            case .backoff(let until): max(0, milliseconds(until - .now) + 1)
            case .stopping: milliseconds(Self.lookInterval)
            }
        guard let deadline = kept.deadline else { return next }
        let drop = max(0, milliseconds(deadline - .now) + 1)
        return next < 0 ? drop : min(next, drop)
    }

    private func milliseconds(_ duration: Duration) -> Int32 {
        Int32(clamping: Int64((duration.inSeconds * 1000).rounded(.up)))
    }

    private mutating func readOutput() {
        let count = read(output, &buffer, buffer.count)
        if count > 0 { log.take(buffer[..<count], at: Self.now()) }
    }

    /// Reads what the program wrote before it ended; bounded, because a leftover may go on writing.
    mutating func drainOutput() {
        for _ in 0..<64 {
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { break }
            log.take(buffer[..<count], at: Self.now())
        }
        log.flush(at: Self.now())
    }

    private mutating func takeSignals() {
        // signalfd_siginfo is 128 bytes and begins with the signal's number.
        var information = [UInt8](repeating: 0, count: 128)
        while read(signals, &information, information.count) == information.count {
            if Int32(information[0]) != SIGCHLD { stop(grace: plan.stop.grace) }
        }
    }

    private mutating func answer(_ request: String, to client: Int32) {
        let words = request.split(separator: " ")
        switch words.first {
        case "status": server.answer(client, statusLine())
        case "stop":
            let grace = words.dropFirst().first.flatMap { Int64($0) }.map { Duration.milliseconds(max(0, $0)) }
            server.awaitEnd(client)
            stop(grace: grace ?? plan.stop.grace)
        default: server.answer(client, Array(#"{"error":"expected 'status' or 'stop <milliseconds>'"}"#.utf8))
        }
    }

    private mutating func finish() {
        drainOutput()
        if state.program != nil { state.lastExit = state.lastExit ?? "stopped" }
        state.program = nil
        log.note("stopped", at: Self.now())
        save()
        var status = status()
        status.phase = .stopped
        let line = (try? ShimFiles.encode(status)) ?? []
        try? ShimFiles.replace(ShimFiles.status, with: line)
        server.end(line)
    }

    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
