import NIOCore

/// Writes a head in one pass into memory whose room was reckoned before.
///
/// A `ByteBuffer` looks at its storage, at who else holds it and at its room for each part that it is given, and parts
/// of a head are short: that costs more than copying them.
struct HeadWriter {
    private let start: UnsafeMutableRawPointer
    private var next: UnsafeMutableRawPointer
    private let end: UnsafeMutableRawPointer

    fileprivate init(at start: UnsafeMutableRawPointer, room: Int) {
        self.start = start
        next = start
        end = start + room
    }

    fileprivate var count: Int { next - start }

    /// - Precondition: there is room: who asks for the memory knows how long a head may get.
    @inline(__always)
    private mutating func write(_ source: UnsafeRawPointer, _ count: Int) {
        precondition(count <= end - next, "a head is longer than was reckoned")
        next.copyMemory(from: source, byteCount: count)
        next += count
    }

    @inline(__always)
    mutating func text(_ text: StaticString) { write(text.utf8Start, text.utf8CodeUnitCount) }

    @inline(__always)
    mutating func text(_ text: String) {
        // Every native string has its bytes in one place; one that was made elsewhere is copied first.
        let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable { utf8 in
            if let base = utf8.baseAddress { write(base, utf8.count) }
        }
        if isWritten == nil { bytes(Array(text.utf8)) }
    }

    /// - Parameter range: within `bytes`.
    @inline(__always)
    mutating func bytes(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        if let base = bytes.baseAddress { write(base + range.lowerBound, range.count) }
    }

    @inline(__always)
    mutating func bytes(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { if let base = $0.baseAddress { write(base, $0.count) } }
    }

    /// Eight bytes, the first one the highest of `word`.
    @inline(__always)
    mutating func word(_ word: UInt64) {
        withUnsafeBytes(of: word.bigEndian) { if let base = $0.baseAddress { write(base, 8) } }
    }

    /// Four bytes, the first one the highest of `word`.
    @inline(__always)
    mutating func word(_ word: UInt32) {
        withUnsafeBytes(of: word.bigEndian) { if let base = $0.baseAddress { write(base, 4) } }
    }
}

extension ByteBuffer {
    /// Appends a head.
    ///
    /// - Parameter room: at least the number of bytes that `body` writes; more than that traps.
    @inline(__always)
    mutating func writeHead(room: Int, _ body: (inout HeadWriter) -> Void) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: room) { area in
            guard let base = area.baseAddress else { return 0 }
            var writer = HeadWriter(at: base, room: area.count)
            body(&writer)
            return writer.count
        }
    }
}
