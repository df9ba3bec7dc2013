/// The fields of one header block, one behind another in one array; reused for the next block.
struct HeaderList {
    /// A field as offsets into `bytes`: its value follows its name.
    struct Entry: Equatable {
        let start: Int32
        let nameEnd: Int32
        let end: Int32

        @inline(__always) var name: Range<Int> { Int(start)..<Int(nameEnd) }
        @inline(__always) var value: Range<Int> { Int(nameEnd)..<Int(end) }
    }

    private(set) var bytes: [UInt8] = []
    private(set) var entries: [Entry] = []
    /// All names and values, and 32 bytes for each field (RFC 9113, section 6.5.2), of those left out too.
    private(set) var size = 0
    /// Fields were left out, because `maxBytes` or `maxFields` was reached.
    private(set) var isCut = false
    var maxBytes = 65_536
    var maxFields = 256

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
        size = 0
        isCut = false
    }

    @inline(__always)
    mutating func append(_ source: Span<UInt8>) { source.withUnsafeBufferPointer { bytes.append(contentsOf: $0) } }

    @inline(__always)
    mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Ends a field whose bytes were appended since `start`.
    @inline(__always)
    mutating func endField(start: Int, nameEnd: Int) {
        size += bytes.count - start + 32
        if isCut || size > maxBytes || entries.count >= maxFields {
            isCut = true
            bytes.removeLast(bytes.count - start)
        } else {
            entries.append(Entry(start: Int32(start), nameEnd: Int32(nameEnd), end: Int32(bytes.count)))
        }
    }

    /// The text of a range; for messages and tests.
    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
