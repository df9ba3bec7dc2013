#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the writer's thread does in each round: takes batches from the lanes and writes them, follows rotation, and
/// bears failures. All its state is the thread's own.
struct AccessLogPump: ~Copyable {
    struct Round: Equatable {
        var bytes = 0
        var lines: UInt64 = 0
        /// Whether nothing is left over that could not be written.
        var isClear = true
    }

    private let lanes: [AccessLogLane]
    private var file: AccessLogFile
    private var renderer: AccessLogRenderer
    /// A batch that has been written in part, and how far.
    private var rest: (batch: AccessLogBatch, lane: Int, offset: Int)?
    /// Time of a steady clock, in nanoseconds, before which a failure is not tried again nor the file looked at.
    private var nextCheck: Int64 = 0
    private var waitsForCheck = false
    /// Whether the present failure has been told.
    private var hasComplained = false
    private let checkInterval: Int64
    private let complain: @Sendable (String) -> Void

    init(
        lanes: [AccessLogLane], file: consuming AccessLogFile, format: AccessLogFormat, checkInterval: Int64,
        complain: @escaping @Sendable (String) -> Void
    ) {
        self.lanes = lanes
        self.file = file
        self.checkInterval = checkInterval
        self.complain = complain
        renderer = AccessLogRenderer(format: format)
    }

    /// - Parameters:
    ///   - now: nanoseconds of a steady clock.
    ///   - wallTime: microseconds since 1970, for the lines that say how many were dropped.
    ///   - reopens: whether the file is to be opened anew, after a signal.
    mutating func round(now: Int64, wallTime: Int64, reopens: Bool) -> Round {
        if reopens || now >= nextCheck {
            nextCheck = now + checkInterval
            waitsForCheck = false
            if reopens || !file.isOpen || file.wasReplaced() { reopen() }
        }
        var round = Round()
        guard file.isOpen, !waitsForCheck else {
            round.isClear = false
            return round
        }
        if let left = rest {
            rest = nil
            write(left.batch, of: left.lane, from: left.offset, &round)
        }
        for (index, lane) in lanes.enumerated() {
            guard round.isClear else { break }
            guard let batch = lane.takeFilled() else { continue }
            if batch.dropped > 0 { renderer.appendDropped(batch.dropped, time: wallTime, to: &batch.bytes) }
            write(batch, of: index, from: 0, &round)
        }
        return round
    }

    private mutating func write(_ batch: AccessLogBatch, of lane: Int, from offset: Int, _ round: inout Round) {
        switch file.write(batch.bytes, from: offset) {
        case .all:
            round.bytes += batch.bytes.count - offset
            round.lines += batch.lines
            lanes[lane].recycle(batch)
            hasComplained = false
        case .failed(let written, let code):
            round.bytes += written
            round.isClear = false
            rest = (batch, lane, offset + written)
            // A full pipe, where others have made standard output non-blocking, is soon read.
            if code == EAGAIN { return }
            waitsForCheck = true
            tell("write", code)
        }
    }

    private mutating func reopen() {
        let code = file.reopen()
        guard code == 0 else { return tell("open", code) }
        guard let left = rest else { return }
        // A line begun in the old file is written whole to the new one.
        let begun = left.batch.bytes[..<left.offset].lastIndex(of: UInt8(ascii: "\n"))
        rest?.offset = begun.map { $0 + 1 } ?? 0
    }

    private mutating func tell(_ verb: String, _ code: CInt) {
        guard !hasComplained else { return }
        hasComplained = true
        complain(
            "cannot \(verb) the access log \(file.path): \(AccessLogFile.reason(code)); lines are dropped until it can "
                + "be written again, which is tried every second")
    }
}
