import DeliveryModel
import Glibc

/// Writes a program's output to files of limited size, each line behind the time it came.
/// When the disk is full the output is dropped and counted: a program never waits for its log.
struct OutputLog {
    /// Longer lines are split.
    static let lineLimit = 16 << 10

    private let path: String
    private let fileLimit: Int
    private let files: Int
    private var file: Int32 = -1
    private var size = 0
    private var pending: [UInt8] = []
    private var dropped = 0

    init(path: String, options: ShimOptions) {
        self.path = path
        fileLimit = max(1024, options.logFileBytes)
        files = min(100, max(1, options.logFiles))
        openFile()
    }

    /// Takes a piece of output; what follows the last line end waits for its rest.
    mutating func take(_ bytes: ArraySlice<UInt8>, at time: Timestamp) {
        var lines: [UInt8] = []
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            pending.append(contentsOf: rest[..<end])
            rest = rest[(end + 1)...]
            splitPending(into: &lines, at: time, whole: true)
        }
        pending.append(contentsOf: rest)
        splitPending(into: &lines, at: time, whole: false)
        if !lines.isEmpty { write(lines) }
    }

    /// Writes what waits for a line end: the program that began the line is gone.
    mutating func flush(at time: Timestamp) {
        guard !pending.isEmpty else { return }
        var lines: [UInt8] = []
        splitPending(into: &lines, at: time, whole: true)
        write(lines)
    }

    /// A line of the shim's own.
    mutating func note(_ text: String, at time: Timestamp) {
        flush(at: time)
        write(Array("\(time) nonevent: \(text)\n".utf8))
    }

    private mutating func splitPending(into lines: inout [UInt8], at time: Timestamp, whole: Bool) {
        let prefix = Array("\(time) ".utf8)
        while pending.count > Self.lineLimit {
            lines.append(contentsOf: prefix)
            lines.append(contentsOf: pending[..<Self.lineLimit])
            lines.append(UInt8(ascii: "\n"))
            pending.removeFirst(Self.lineLimit)
        }
        guard whole else { return }
        lines.append(contentsOf: prefix)
        lines.append(contentsOf: pending)
        lines.append(UInt8(ascii: "\n"))
        pending.removeAll(keepingCapacity: true)
    }

    private mutating func write(_ lines: [UInt8]) {
        if size > 0 && size + lines.count > fileLimit { rotate() }
        if file < 0 { openFile() }
        var bytes = lines
        if dropped > 0 {
            bytes = Array("nonevent: \(dropped) bytes of output lost: disk full\n".utf8) + lines
        }
        let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        if count == bytes.count {
            size += count
            dropped = 0
            return
        }
        // A line written in part would run into the next one.
        if count > 0 { ftruncate(file, off_t(size)) }
        dropped += lines.count
    }

    private mutating func openFile() {
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        size = max(0, Int(lseek(file, 0, SEEK_END)))
    }

    private mutating func rotate() {
        for number in stride(from: files - 1, to: 0, by: -1) {
            rename(number == 1 ? path : "\(path).\(number - 1)", "\(path).\(number)")
        }
        if files == 1 { unlink(path) }
        if file >= 0 { close(file) }
        openFile()
    }
}
