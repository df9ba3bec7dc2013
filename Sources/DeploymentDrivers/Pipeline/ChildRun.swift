import DeliveryModel
import Glibc
import Synchronization

/// Runs a program to its end, in a process group of its own, within a time and an amount of output. Nothing of it is
/// left behind, and what it started may not hold the end up by keeping its pipes open.
struct ChildRun: Sendable {
    enum Ending: Sendable, Equatable {
        case exited(code: Int32)
        case signalled(Int32)
        case timedOut
        case tooMuchOutput
        case cancelled
    }

    struct Outcome: Sendable {
        var ending: Ending
        var output: [UInt8]
        /// The last bytes of standard error.
        var error: [UInt8]
    }

    /// Most bytes of standard error that are kept.
    static let errorLimit = 16 << 10
    /// How often a cancelled task is looked for.
    private static let lookInterval: Int32 = 50
    /// From SIGTERM to SIGKILL for one that runs too long.
    private static let grace = Duration.seconds(2)

    var path: String
    var arguments: [String]
    var environment: [String]
    var timeLimit: Duration
    var outputLimit: Int

    /// - Throws: when it cannot be started.
    func run() async throws(SystemFailure) -> Outcome {
        let cancelled = CancelMark()
        let result = await withTaskCancellationHandler {
            await OwnThread.run { () -> Result<Outcome, SystemFailure> in
                do throws(SystemFailure) { return .success(try work(cancelled)) } catch { return .failure(error) }
            }
        } onCancel: {
            cancelled.set()
        }
        return try result.get()
    }

    private func work(_ cancelled: CancelMark) throws(SystemFailure) -> Outcome {
        let output = try PipeEnds()
        let error = try PipeEnds()
        var spawn = Spawn(
            path: path, arguments: arguments, environment: environment, family: .group,
            opened: [(0, "/dev/null", O_RDONLY)], copied: [(1, output.writing), (2, error.writing)])
        spawn.closesOthers = true
        let pid = try spawn.run()
        output.closeWriting()
        error.closeWriting()
        var reading = Reading(outputLimit: outputLimit)
        let ending = follow(pid, &reading, (output.reading, error.reading), cancelled)
        return Outcome(ending: ending, output: reading.output, error: reading.error)
    }

    private func follow(
        _ pid: Int32, _ reading: inout Reading, _ ends: (output: Int32, error: Int32), _ cancelled: CancelMark
    ) -> Ending {
        let deadline = ContinuousClock.now + timeLimit
        var early: Ending?
        var killAt = deadline
        while true {
            reading.wait(ends, milliseconds: reading.open.isEmpty ? 1 : Self.lookInterval)
            if ProcessTable.entry(pid)?.lives != true {
                // Whatever is left of the group has no business any more. The group is the program's own for as long as
                // the program, ended, has not been waited for.
                kill(-pid, SIGKILL)
                var status: Int32 = 0
                waitpid(pid, &status, 0)
                reading.drain(ends)
                let signal = status & 0x7f
                let plain: Ending = signal == 0 ? .exited(code: (status >> 8) & 0xff) : .signalled(signal)
                return early ?? (reading.isTooMuch ? .tooMuchOutput : plain)
            }
            if early == nil {
                if reading.isTooMuch { early = .tooMuchOutput }
                if cancelled.isSet { early = .cancelled }
                if deadline <= .now { early = .timedOut }
                if early != nil {
                    kill(-pid, SIGTERM)
                    killAt = .now + Self.grace
                }
            } else if killAt <= .now {
                kill(-pid, SIGKILL)
            }
        }
    }

    /// What has been read, and which of the two ends may still bring something.
    private struct Reading {
        enum Kind { case output, error }

        let outputLimit: Int
        var open: Set<Kind> = [.output, .error]
        var output: [UInt8] = []
        var error: [UInt8] = []
        var isTooMuch = false
        private var buffer = [UInt8](repeating: 0, count: 64 << 10)

        init(outputLimit: Int) { self.outputLimit = outputLimit }

        mutating func wait(_ ends: (output: Int32, error: Int32), milliseconds: Int32) {
            var polled: [pollfd] = []
            if open.contains(.output) { polled.append(pollfd(fd: ends.output, events: Int16(POLLIN), revents: 0)) }
            if open.contains(.error) { polled.append(pollfd(fd: ends.error, events: Int16(POLLIN), revents: 0)) }
            guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return }
            for entry in polled where entry.revents != 0 {
                _ = take(entry.fd == ends.output ? .output : .error, from: entry.fd)
            }
        }

        /// Reads what is there when the program has ended; bounded, because a leftover may go on writing.
        mutating func drain(_ ends: (output: Int32, error: Int32)) {
            for _ in 0..<256 {
                var progress = false
                if open.contains(.output), take(.output, from: ends.output) { progress = true }
                if open.contains(.error), take(.error, from: ends.error) { progress = true }
                if !progress { return }
            }
        }

        private mutating func take(_ kind: Kind, from end: Int32) -> Bool {
            let count = read(end, &buffer, buffer.count)
            if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { open.remove(kind) }
            guard count > 0 else { return false }
            switch kind {
            case .output:
                if output.count + count > outputLimit { isTooMuch = true } else { output += buffer[..<count] }
            case .error:
                error += buffer[..<count]
                if error.count > ChildRun.errorLimit { error.removeFirst(error.count - ChildRun.errorLimit) }
            }
            return true
        }
    }
}

/// Both ends of a pipe, closed with it; nothing inherits them but what they are copied to.
final class PipeEnds: Sendable {
    let reading: Int32
    let writing: Int32
    private let writingIsOpen = Mutex(true)

    /// The reading end does not block.
    init() throws(SystemFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemFailure("cannot make a pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        (reading, writing) = (ends[0], ends[1])
    }

    func closeWriting() {
        writingIsOpen.withLock { isOpen in
            if isOpen { close(writing) }
            isOpen = false
        }
    }

    deinit {
        closeWriting()
        close(reading)
    }
}

/// Says to a thread that its work is no longer wanted.
final class CancelMark: Sendable {
    private let mark = Mutex(false)

    var isSet: Bool { mark.withLock { $0 } }
    func set() { mark.withLock { $0 = true } }
}

/// A thread for work that waits in system calls, so that no thread of Swift's own pool has to.
enum OwnThread {
    static let stackBytes = 2 << 20

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { (continuation: CheckedContinuation<Value, Never>) in
            start { continuation.resume(returning: body()) }
        }
    }

    private static func start(_ body: @escaping @Sendable () -> Void) {
        // Allocated: the C module that brings the type in differs from build to build, and with it its initializer.
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        pthread_attr_init(attributes)
        defer { pthread_attr_destroy(attributes) }
        pthread_attr_setstacksize(attributes, stackBytes)
        pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        // Without a thread the work is done here: late is better than never.
        if code != 0 { work.takeRetainedValue().body() }
    }
}
