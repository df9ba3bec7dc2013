import Synchronization

/// Writes the access log on a thread of its own.
///
/// Event loops hand their lines over without ever waiting (`AccessLogLane`). The thread looks every `flushInterval`,
/// writes what has come in, and looks every `checkInterval` whether the file was rotated. Lines are appended whole
/// batches at a time, so two routers may write to one file while one takes over from the other.
final class AccessLogWriter: Sendable {
    struct Counts: Sendable, Equatable {
        /// Written since the start.
        var lines: UInt64
        var bytes: UInt64
        /// Whether the file cannot be written at the moment.
        var isFailing: Bool
    }

    let configuration: AccessLogConfiguration
    private let lanes: [AccessLogLane]
    private let signals = Signals()

    private final class Signals: Sendable {
        let stops = Atomic<Bool>(false)
        let reopens = Atomic<Bool>(false)
        let hasEnded = Atomic<Bool>(false)
        let lines = Atomic<UInt64>(0)
        let bytes = Atomic<UInt64>(0)
        let isFailing = Atomic<Bool>(false)
    }

    /// After a round that wrote so much the next one follows soon, or a batch may be full before it.
    private static let busyBytes = 256 * 1024
    private static let busyPause: Int64 = 2_000_000

    /// Opens the file and starts the thread.
    ///
    /// - Parameters:
    ///   - lanes: event loops that log.
    ///   - complain: takes one sentence when the file cannot be written; called on the writer's thread.
    /// - Throws: `RouterError` of code `system` when the file cannot be opened.
    init(
        _ configuration: AccessLogConfiguration, lanes count: Int, complain: @escaping @Sendable (String) -> Void
    ) throws(RouterError) {
        self.configuration = configuration
        let capacity = configuration.maxPendingBytes / (2 * max(1, count))
        lanes = (0..<max(1, count)).map { _ in AccessLogLane(capacity: capacity) }
        var file = AccessLogFile(path: configuration.path)
        let code = file.reopen()
        guard code == 0 else {
            throw RouterError(
                .system, "cannot open the access log \(configuration.path): \(AccessLogFile.reason(code))")
        }
        // Opened once here, so that a wrong path is refused at the start, and again by the thread that owns it.
        let (lanes, signals) = (lanes, signals)
        try WriterThread.start {
            Self.run(configuration, lanes: lanes, signals: signals, complain: complain)
        }
    }

    deinit { signals.stops.store(true, ordering: .releasing) }

    /// The sink for one event loop: make it once, use it on that loop only.
    /// - Precondition: `lane` is less than the number of lanes.
    func sink(lane: Int) -> AccessLogSink {
        AccessLogSink(lane: lanes[lane], format: configuration.format, sampling: configuration.sampling)
    }

    /// Opens the file anew: for SIGHUP. Returns at once.
    func reopen() { signals.reopens.store(true, ordering: .releasing) }

    var counts: Counts {
        Counts(
            lines: signals.lines.load(ordering: .relaxed), bytes: signals.bytes.load(ordering: .relaxed),
            isFailing: signals.isFailing.load(ordering: .relaxed))
    }

    /// Writes what has come in and ends the thread. Waits for it, `stopGrace` at most, so not for event loops; they
    /// must have logged their last lines.
    /// - Returns: whether everything was written.
    @discardableResult
    func stop() -> Bool {
        signals.stops.store(true, ordering: .releasing)
        let deadline = WriterThread.steadyNow() + Self.nanoseconds(configuration.stopGrace)
        while !signals.hasEnded.load(ordering: .acquiring) {
            guard WriterThread.steadyNow() < deadline else { return false }
            WriterThread.sleep(nanoseconds: 1_000_000)
        }
        return !signals.isFailing.load(ordering: .relaxed)
    }

    private static func run(
        _ configuration: AccessLogConfiguration, lanes: [AccessLogLane], signals: Signals,
        complain: @escaping @Sendable (String) -> Void
    ) {
        var pump = AccessLogPump(
            lanes: lanes, file: AccessLogFile(path: configuration.path), format: configuration.format,
            checkInterval: nanoseconds(configuration.checkInterval), complain: complain)
        let pause = nanoseconds(configuration.flushInterval)
        var isLast = false
        while true {
            isLast = signals.stops.load(ordering: .acquiring)
            let round = pump.round(
                now: WriterThread.steadyNow(), wallTime: WriterThread.wallNow(),
                reopens: signals.reopens.exchange(false, ordering: .acquiring))
            signals.lines.add(round.lines, ordering: .relaxed)
            signals.bytes.add(UInt64(round.bytes), ordering: .relaxed)
            signals.isFailing.store(!round.isClear, ordering: .relaxed)
            if isLast { break }
            WriterThread.sleep(nanoseconds: round.bytes >= busyBytes ? min(busyPause, pause) : pause)
        }
        signals.hasEnded.store(true, ordering: .releasing)
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return min(max(0, seconds), 1_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
