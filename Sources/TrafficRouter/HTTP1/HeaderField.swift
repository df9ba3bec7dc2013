/// One field line, as offsets into the bytes it was read from; 20 bytes wide.
struct HeaderField: Equatable, Sendable {
    /// Where the line and its name begin.
    private let start: Int32
    private let valueStart: Int32
    private let valueEnd: Int32
    private let end: Int32
    private let nameLength: UInt16
    let id: KnownField

    /// - Parameters:
    ///   - name: at most 65,535 bytes.
    ///   - value: without the blanks around it; may be empty.
    ///   - lineEnd: just behind the line's CRLF.
    @inline(__always)
    init(name: Range<Int>, value: Range<Int>, lineEnd: Int, id: KnownField) {
        start = Int32(name.lowerBound)
        nameLength = UInt16(name.count)
        valueStart = Int32(value.lowerBound)
        valueEnd = Int32(value.upperBound)
        end = Int32(lineEnd)
        self.id = id
    }

    /// The name as written, without its colon.
    @inline(__always) var name: Range<Int> { Int(start)..<Int(start) + Int(nameLength) }
    /// The value without the blanks around it; empty if there is nothing else.
    @inline(__always) var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    /// Just behind the line's CRLF: where the next line begins.
    @inline(__always) var lineEnd: Int { Int(end) }
    /// The whole line with its CRLF.
    @inline(__always) var line: Range<Int> { Int(start)..<Int(end) }
}
