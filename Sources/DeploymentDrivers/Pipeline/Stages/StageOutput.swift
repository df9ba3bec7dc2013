import DeliveryModel
import Glibc

/// The files of an attempt's output: segments of equal size, named by their number. The first stays, of the others the
/// last, so that a byte is always found by its place in the whole output.
enum StageOutput {
    static let segmentBytes = 1 << 20
    /// 16 MiB: the first segment and the last fifteen.
    static let segmentLimit = 16
    /// Holds the number of all bytes; there when the attempt is over.
    static let endFile = "end"

    static func segment(_ number: Int, in directory: String) -> String { "\(directory)/\(number).part" }

    static func segments(in directory: String) -> [Int] {
        DirectoryTree.names(in: directory).compactMap { name in
            name.hasSuffix(".part") ? Int(name.dropLast(5)) : nil
        }.sorted()
    }

    /// A piece from `offset` on, or from the first byte after it that is kept.
    ///
    /// - Returns: `nil` when there is no output of that attempt.
    static func read(_ directory: String, from offset: Int, limit: Int) -> StageOutputPiece? {
        guard access(directory, F_OK) == 0 else { return nil }
        // Looked at before the segments: what is written in between makes the piece no less true.
        let end = (try? ShimFiles.read("\(directory)/\(endFile)", limit: 64)).flatMap {
            Int(String(decoding: $0, as: UTF8.self))
        }
        var place = max(0, offset)
        let known = segments(in: directory)
        if !known.contains(place / segmentBytes), let next = known.first(where: { $0 > place / segmentBytes }) {
            place = next * segmentBytes
        }
        var bytes: [UInt8] = []
        let file = open(segment(place / segmentBytes, in: directory), O_RDONLY | O_CLOEXEC)
        if file >= 0 {
            defer { close(file) }
            bytes = [UInt8](repeating: 0, count: min(max(1, limit), segmentBytes))
            let count = pread(file, &bytes, bytes.count, off_t(place % segmentBytes))
            bytes.removeLast(bytes.count - max(0, count))
        }
        return StageOutputPiece(offset: place, bytes: bytes, isLast: end.map { place + bytes.count >= $0 } ?? false)
    }
}

/// Writes an attempt's output; one at a time, each going on where the one before ended. When the disk is full, output
/// is dropped and counted.
struct StageOutputWriter {
    let directory: String
    /// Bytes written so far, those included that are no longer kept.
    private(set) var end: Int
    /// Bytes that could not be written.
    private(set) var lost = 0
    private var file: Int32 = -1
    private var endsInLine = true

    init(directory: String) throws(SystemFailure) {
        self.directory = directory
        try ShimFiles.makeDirectories(directory)
        end = 0
        guard let last = StageOutput.segments(in: directory).last else { return }
        let path = StageOutput.segment(last, in: directory)
        file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { throw SystemFailure("cannot open \(path)") }
        let size = Int(lseek(file, 0, SEEK_END))
        end = last * StageOutput.segmentBytes + size
        var byte: UInt8 = 10
        if size > 0, pread(file, &byte, 1, off_t(size - 1)) == 1 { endsInLine = byte == 10 }
    }

    mutating func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let room = StageOutput.segmentBytes - end % StageOutput.segmentBytes
            if file < 0 || room == StageOutput.segmentBytes { openSegment() }
            let piece = rest.prefix(room)
            let count = piece.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                lost += rest.count
                return
            }
            end += count
            endsInLine = piece[piece.startIndex + count - 1] == 10
            rest = rest.dropFirst(count)
        }
    }

    /// A line of our own.
    mutating func note(_ text: String) { write(Array("\(endsInLine ? "" : "\n")nonevent: \(text)\n".utf8)) }

    mutating func closeFile() {
        if file >= 0 { close(file) }
        file = -1
    }

    /// Says that nothing comes any more.
    mutating func finish() {
        closeFile()
        try? ShimFiles.replace("\(directory)/\(StageOutput.endFile)", with: Array("\(end)".utf8))
    }

    private mutating func openSegment() {
        closeFile()
        let number = end / StageOutput.segmentBytes
        file = open(StageOutput.segment(number, in: directory), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        let old = number - StageOutput.segmentLimit + 1
        if old > 0 { unlink(StageOutput.segment(old, in: directory)) }
    }
}
