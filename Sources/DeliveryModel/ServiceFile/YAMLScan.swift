/// A rough look at YAML text before the real reader, which recurses for every level and expands every alias: what could
/// overflow the stack or multiply without end is refused here. It may count too much, never too little of what matters.
struct YAMLScan {
    /// Levels of nesting: open brackets, or dashes and question marks at the beginning of a line, or indentation beyond
    /// sense.
    private(set) var depth = 0
    private(set) var deepestLine = 1
    private(set) var aliases = 0
    private(set) var lastAliasLine = 1

    /// Columns before the content of a line, beyond which indentation is taken for nesting (each level needs at least
    /// one).
    static let indentation = 256

    init(_ text: String) {
        var brackets = 0
        var quote: UInt8 = 0
        var line = 1
        var lead = 0
        var leadDashes = 0
        var inLead = true
        var previous: UInt8 = UInt8(ascii: "\n")
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\n") {
                (line, lead, leadDashes, inLead) = (line + 1, 0, 0, true)
            } else if inLead {
                lead += 1
                if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: ":") {
                    leadDashes += 1
                } else if byte != UInt8(ascii: " ") {
                    inLead = false
                }
                note(
                    max(leadDashes > 3 && previous == UInt8(ascii: " ") ? leadDashes : 0, lead / Self.indentation * 99),
                    line)
            }
            if quote != 0 {
                if byte == quote || byte == UInt8(ascii: "\n") { quote = 0 }
            } else {
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "'"):
                    if !Self.isWordByte(previous) { quote = byte }
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    brackets += 1
                    note(brackets, line)
                case UInt8(ascii: "]"), UInt8(ascii: "}"): brackets = max(0, brackets - 1)
                default: break
                }
            }
            if previous == UInt8(ascii: "*"), Self.isWordByte(byte) {
                aliases += 1
                lastAliasLine = line
            }
            previous = byte
        }
    }

    private mutating func note(_ level: Int, _ line: Int) {
        if level > depth { (depth, deepestLine) = (level, line) }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte >= 128 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}

/// Finds where bytes stop being UTF-8.
enum UTF8Scan {
    /// - Returns: offset of the first byte of the first malformed sequence; `bytes.count` when there is none.
    static func firstInvalidByte(_ bytes: [UInt8]) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded): offset += encoded.count
            case .error: return offset
            case .emptyInput: return offset
            }
        }
    }
}
