/// Writing of single values to a log line. Nothing that a stranger sent can end a line or a field: every byte that is
/// not plain is escaped.
enum LogText {
    private static let hexDigits: StaticString = "0123456789abcdef"

    /// Most bytes that one byte of a text becomes: an invalid one is written `\ufffd`, a control character `\u0000`.
    static let maxExpansion = 6

    @inline(__always)
    static func literal(_ text: StaticString, to output: inout OutputSpan<UInt8>) {
        copy(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), to: &output)
    }

    /// - Precondition: `range` is within `input`, and the output has room.
    @inline(__always)
    static func raw(_ input: Span<UInt8>, _ range: Range<Int>, to output: inout OutputSpan<UInt8>) {
        input.extracting(range).withUnsafeBufferPointer { copy($0, to: &output) }
    }

    @inline(__always)
    private static func copy(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout OutputSpan<UInt8>) {
        precondition(bytes.count <= output.freeCapacity, "a log line is larger than was reckoned")
        output.withUnsafeMutableBufferPointer { buffer, count in
            guard let from = bytes.baseAddress, let to = buffer.baseAddress else { return }
            (to + count).initialize(from: from, count: bytes.count)
            count += bytes.count
        }
    }

    @inline(__always)
    static func number(_ value: UInt64, to output: inout OutputSpan<UInt8>) {
        var digits = 1
        var rest = value / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        number(value, digits: digits, to: &output)
    }

    /// The last `digits` digits of a number.
    @inline(__always)
    static func number(_ value: UInt64, digits: Int, to output: inout OutputSpan<UInt8>) {
        precondition(digits <= output.freeCapacity, "a log line is larger than was reckoned")
        output.withUnsafeMutableBufferPointer { buffer, count in
            var rest = value
            var at = count + digits
            while at > count {
                at -= 1
                buffer.initializeElement(at: at, to: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            }
            count += digits
        }
    }

    /// Seconds with six decimals; a negative time, after the clock went back, is 0.
    @inline(__always)
    static func seconds(microseconds: Int64, to output: inout OutputSpan<UInt8>) {
        let value = UInt64(max(0, microseconds))
        number(value / 1_000_000, to: &output)
        output.append(UInt8(ascii: "."))
        number(value % 1_000_000, digits: 6, to: &output)
    }

    /// The inside of a JSON string: always valid JSON and UTF-8, on one line, with nothing that a terminal obeys.
    @inline(__always)
    static func json(_ input: Span<UInt8>, _ range: Range<Int>, to output: inout OutputSpan<UInt8>) {
        let end = ByteScan.plainEnd(input, from: range.lowerBound, to: range.upperBound)
        raw(input, range.lowerBound..<end, to: &output)
        if end < range.upperBound { escapedJSON(input, end..<range.upperBound, to: &output) }
    }

    @inline(never)
    private static func escapedJSON(_ input: Span<UInt8>, _ range: Range<Int>, to output: inout OutputSpan<UInt8>) {
        var at = range.lowerBound
        while at < range.upperBound {
            let plain = ByteScan.plainEnd(input, from: at, to: range.upperBound)
            raw(input, at..<plain, to: &output)
            guard plain < range.upperBound else { return }
            at = plain
            let byte = input[at]
            let length = ByteScan.sequenceLength(input, at: at, to: range.upperBound)
            switch byte {
            case UInt8(ascii: "\""): literal("\\\"", to: &output)
            case UInt8(ascii: "\\"): literal("\\\\", to: &output)
            case 0..<0x80: unit(UInt16(byte), to: &output)
            case _ where length == 0: literal("\\ufffd", to: &output)
            case 0xC2 where input[at + 1] < 0xA0: unit(UInt16(input[at + 1]), to: &output)
            case 0xE2 where input[at + 1] == 0x80 && input[at + 2] & 0xFE == 0xA8:
                // Line and paragraph separators end a line for some readers.
                unit(0x2000 | UInt16(input[at + 2] & 0x3F), to: &output)
            default: raw(input, at..<at + length, to: &output)
            }
            at += max(1, length)
        }
    }

    private static func unit(_ unit: UInt16, to output: inout OutputSpan<UInt8>) {
        literal("\\u", to: &output)
        for shift in [12, 8, 4, 0] as [UInt16] { output.append(hexDigits.utf8Start[Int(unit >> shift & 15)]) }
    }

    /// The inside of a quoted field of the combined format, as Apache writes it: `\"`, `\\`, and `\xhh` for every byte
    /// that is not printable ASCII.
    @inline(__always)
    static func quoted(_ input: Span<UInt8>, _ range: Range<Int>, to output: inout OutputSpan<UInt8>) {
        var at = range.lowerBound
        while at < range.upperBound {
            let plain = ByteScan.plainEnd(input, from: at, to: range.upperBound)
            raw(input, at..<plain, to: &output)
            guard plain < range.upperBound else { return }
            at = plain + 1
            switch input[plain] {
            case UInt8(ascii: "\""): literal("\\\"", to: &output)
            case UInt8(ascii: "\\"): literal("\\\\", to: &output)
            case let byte: hex(byte, to: &output)
            }
        }
    }

    /// A field of the combined format that has no quotation marks: white space and what begins a field are escaped too.
    static func word(_ input: Span<UInt8>, _ range: Range<Int>, to output: inout OutputSpan<UInt8>) {
        for at in range {
            switch input[at] {
            case 0...0x20, 0x7F..., UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "["), UInt8(ascii: "]"):
                hex(input[at], to: &output)
            case let byte: output.append(byte)
            }
        }
    }

    private static func hex(_ byte: UInt8, to output: inout OutputSpan<UInt8>) {
        literal("\\x", to: &output)
        output.append(hexDigits.utf8Start[Int(byte >> 4)])
        output.append(hexDigits.utf8Start[Int(byte & 15)])
    }
}
