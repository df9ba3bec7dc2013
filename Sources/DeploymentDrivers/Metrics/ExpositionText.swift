import DeliveryModel

/// Prometheus' text exposition format 0.0.4:
/// <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.
enum ExpositionText {
    /// Most bytes of one instance's text.
    static let sizeLimit = 8 << 20

    struct Sample: Equatable, Sendable {
        var name: String
        var labels: [String: String] = [:]
        var value: Double
        /// Milliseconds since 1970.
        var timestamp: Int64?
    }

    /// Where the text is not of the format.
    struct Malformed: Error, Equatable, CustomStringConvertible {
        /// From 1.
        var line: Int
        var words: String
        var description: String { "line \(line): \(words)" }
    }

    /// The samples in the order of the text; comments, types and help are skipped, unread.
    ///
    /// - Parameter named: only this metric's; the other lines must still be well formed.
    static func samples(_ text: [UInt8], named wanted: String? = nil) throws(Malformed) -> [Sample] {
        guard text.count <= sizeLimit else {
            throw Malformed(line: 1, words: "the text has \(text.count) bytes; the limit is \(sizeLimit)")
        }
        var samples: [Sample] = []
        var number = 0
        var rest = text[...]
        while !rest.isEmpty {
            number += 1
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest[line.endIndex...].dropFirst()
            do {
                guard let sample = try sample(line), wanted == nil || sample.name == wanted else { continue }
                samples.append(sample)
            } catch {
                throw Malformed(line: number, words: error.description)
            }
        }
        return samples
    }

    /// - Returns: `nil` for an empty line or a comment.
    private static func sample(_ line: ArraySlice<UInt8>) throws(MetricError) -> Sample? {
        var cursor = ExpositionCursor(line)
        cursor.skipBlanks()
        if cursor.isAtEnd || cursor.rest.first == UInt8(ascii: "#") { return nil }
        guard let name = cursor.name(colons: true) else {
            throw MetricError("expected a metric's name, found \(cursor.shown)")
        }
        var sample = Sample(name: name, value: 0)
        cursor.skipBlanks()
        if cursor.take("{") { sample.labels = try labels(&cursor) }
        cursor.skipBlanks()
        let before = cursor
        guard let value = Double(String(decoding: cursor.word(), as: UTF8.self)) else {
            throw MetricError("expected a number as the value of \(name), found \(before.shown)")
        }
        sample.value = value
        cursor.skipBlanks()
        guard !cursor.isAtEnd else { return sample }
        let rest = cursor
        guard let timestamp = Int64(String(decoding: cursor.word(), as: UTF8.self)) else {
            throw MetricError("expected a timestamp in milliseconds or the line's end, found \(rest.shown)")
        }
        sample.timestamp = timestamp
        cursor.skipBlanks()
        guard cursor.isAtEnd else { throw MetricError("expected the line's end, found \(cursor.shown)") }
        return sample
    }

    /// What stands after `{`, with its `}`; a comma may come last.
    private static func labels(_ cursor: inout ExpositionCursor) throws(MetricError) -> [String: String] {
        var labels: [String: String] = [:]
        while true {
            cursor.skipBlanks()
            if cursor.take("}") { return labels }
            guard let name = cursor.name(colons: false) else {
                throw MetricError("expected a label's name or '}', found \(cursor.shown)")
            }
            cursor.skipBlanks()
            guard cursor.take("=") else { throw MetricError("expected '=' after \(name), found \(cursor.shown)") }
            cursor.skipBlanks()
            guard cursor.take("\"") else {
                throw MetricError("expected the value of \(name) in double quotes, found \(cursor.shown)")
            }
            guard labels.updateValue(try value(&cursor, of: name), forKey: name) == nil else {
                throw MetricError("label \(name) is there twice")
            }
            cursor.skipBlanks()
            if cursor.take("}") { return labels }
            guard cursor.take(",") else { throw MetricError("expected ',' or '}', found \(cursor.shown)") }
        }
    }

    /// What stands after `"`, with its closing quote.
    private static func value(_ cursor: inout ExpositionCursor, of name: String) throws(MetricError) -> String {
        var bytes: [UInt8] = []
        while let byte = cursor.take() {
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw MetricError("the value of \(name) is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"):
                switch cursor.take() {
                case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
                case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
                case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
                default: throw MetricError(#"expected \\, \" or \n after a backslash in the value of \#(name)"#)
                }
            default: bytes.append(byte)
            }
        }
        throw MetricError("the value of \(name) has no closing quote")
    }
}
