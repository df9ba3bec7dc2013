import DeliveryModel
import Glibc

extension ProgramSupervisor {
    /// Takes over a program that lost its shim; kills what an earlier program left behind.
    mutating func adoptOrClear(_ former: ShimState?) {
        if let program = former?.program, ProcessTable.lives(program) {
            adopted = true
            phase = .running
            log.note("took over program \(program.pid) from a shim that is gone", at: Self.now())
        } else {
            if former != nil { killLeftovers() }
            if former?.program != nil { state.lastExit = "ended while no shim watched it" }
            state.program = nil
            if former != nil { state.restarts += 1 }
        }
        save()
    }

    mutating func start() {
        adopted = false
        // What it said last, so that it is given what it has.
        kept.receive()
        let fixed = plan.environment["PORT"].flatMap { Int($0) }
        // A port that we hold for it is its own.
        let held = kept.isEmpty || state.port == 0 ? nil : state.port
        state.port = fixed ?? held ?? PortChoice.choose(preferred: state.port)
        let environment = ProgramEnvironment(plan, port: state.port, directory: directory, kept: kept.environment)
        let first = state.restarts == 0 ? options.firstArguments ?? [] : []
        let command = plan.command.map { environment.fill($0) } + first
        startedTick = .now
        do throws(SystemFailure) {
            let pid = try spawn(command, environment)
            state.program =
                ProcessTable.identity(pid)
                ?? ProcessIdentity(pid: pid, startTime: 0, boot: state.shim.boot)
            state.startedAt = Self.now()
            phase = .running
            log.note("started \(command[0]), pid \(pid), port \(state.port)", at: Self.now())
            save()
        } catch {
            ended(error.description)
        }
    }

    /// Starts the program in the plan's directory, from which this process returns at once: its own files have relative
    /// names.
    private func spawn(_ command: [String], _ environment: ProgramEnvironment) throws(SystemFailure) -> Int32 {
        guard chdir(plan.directory) == 0 else {
            throw SystemFailure("cannot start \(command[0]): working directory \(plan.directory)")
        }
        defer { chdir(directory) }
        guard let path = environment.locate(command[0]) else {
            throw SystemFailure("cannot start \(command[0])", code: ENOENT)
        }
        let pipe = "\(directory)/\(ShimFiles.pipe)"
        let spawn = Spawn(
            path: path, arguments: command, environment: environment.variables.map { "\($0.key)=\($0.value)" },
            family: .group, opened: [(0, "/dev/null", O_RDONLY), (1, pipe, O_RDWR)], copied: [(2, 1)] + kept.copied)
        return try spawn.run()
    }

    /// Collects every child that ended; descendants whose parents are gone come to us as the subreaper.
    mutating func reap() {
        while true {
            var status: Int32 = 0
            let pid = waitpid(-1, &status, WNOHANG)
            if pid < 0 && errno == EINTR { continue }
            guard pid > 0 else { return }
            guard pid == state.program?.pid && !adopted else { continue }
            if let final = options.finalExitCode, status & 0x7f == 0, (status >> 8) & 0xff == final { leave() }
            ended(Self.words(forStatus: status))
        }
    }

    /// The program has said that it is done: nothing is left but to end.
    private mutating func leave() {
        if case .stopping = phase { return }
        phase = .stopping(killAt: .now)
        kept.drop()
    }

    /// The program is gone: notes how, clears what it left, and plans the next start unless it is being stopped.
    mutating func ended(_ how: String) {
        state.lastExit = how
        drainOutput()
        if case .stopping = phase {
            log.note(how, at: Self.now())
            return
        }
        killLeftovers()
        kept.programEnded()
        state.program = nil
        state.restarts += 1
        let delay = backoff.delay(afterLiving: .now - startedTick)
        phase = .backoff(until: .now + delay)
        log.note("\(how); starts again in \(delay)", at: Self.now())
        save()
    }

    mutating func stop(grace: Duration) {
        let killAt = ContinuousClock.now + min(grace, .seconds(86_400))
        if case .stopping(let earlier) = phase {
            phase = .stopping(killAt: min(earlier, killAt))
            return
        }
        phase = .stopping(killAt: killAt)
        // Who stops is not waited for.
        kept.drop()
        if let program = state.program, isOurs(program) { kill(-program.pid, SIGTERM) }
        log.note("stopping", at: Self.now())
    }

    /// Whether nothing of the program lives: neither its group nor a descendant that left the group.
    func isGone() -> Bool {
        if let program = state.program, ProcessTable.groupLives(program.pid) { return false }
        // Looks into every process of the machine, so only once the rest is gone.
        return children().isEmpty && ProcessTable.started(with: mark).isEmpty
    }

    /// SIGKILL to the program's group and to what left the group.
    func killLeftovers() {
        if let program = state.program, isOurs(program) { kill(-program.pid, SIGKILL) }
        for pid in leftovers() { kill(pid, SIGKILL) }
    }

    func statusLine() -> [UInt8] { (try? ShimFiles.encode(status())) ?? [] }

    func status() -> InstanceStatus {
        let phase: InstanceStatus.Phase =
            switch self.phase {
            case .running: .running
            // Before its first start a program is about to run, not backing off.
            case .backoff: state.lastExit == nil ? .running : .backoff
            case .stopping: .stopping
            }
        return InstanceStatus(
            id: plan.id, service: plan.service, release: plan.release, phase: phase, port: state.port,
            pid: state.program?.pid ?? 0, shimPid: getpid(), restarts: state.restarts, startedAt: state.startedAt,
            lastExit: state.lastExit)
    }

    /// Writes the state; on a full disk the old one stays, and the next change tries again.
    func save() {
        guard let bytes = try? ShimFiles.encode(state) else { return }
        try? ShimFiles.replace(ShimFiles.state, with: bytes)
    }

    /// A group id is free for others once the group is gone, so it is used only while its leader is the one that was
    /// started (as a
    /// zombie too, which still holds the id) or members bear the instance's mark.
    private func isOurs(_ program: ProcessIdentity) -> Bool {
        guard let entry = ProcessTable.entry(program.pid) else {
            return ProcessTable.started(with: mark).contains { ProcessTable.entry($0)?.group == program.pid }
        }
        return program.startTime == 0 || entry.startTime == program.startTime
    }

    /// Living processes that are our children, or bear the instance's mark.
    private func leftovers() -> [Int32] { Array(Set(children() + ProcessTable.started(with: mark))) }

    private func children() -> [Int32] {
        ProcessTable.all().filter { $0.parent == getpid() && $0.lives }.map(\.pid)
    }

    private var mark: String { "\(ProgramEnvironment.directoryVariable)=\(directory)" }

    /// `exited with code 1`, `killed by signal 9`: the two ways of wait(2).
    static func words(forStatus status: Int32) -> String {
        let signal = status & 0x7f
        return signal == 0 ? "exited with code \((status >> 8) & 0xff)" : "killed by signal \(signal)"
    }
}
