/// A strict reader of RFC 8259 that keeps places, not values.
///
/// Written by hand because the comparison needs what Foundation's readers do not give: numbers as written (they would
/// be rounded to `Double`, so that 9007199254740993 and 9007199254740992 were equal), repeated names (they keep one of
/// them), the reason for a refusal, limits that hold while reading, and no allocation per value. Strict, because two
/// texts that a lenient reader takes for the same may not be the same to the people who read them.
struct JSONParser {
    private(set) var nodes: [JSONNode] = []
    private var at = 0
    private let maxDepth: Int
    private let maxFields: Int

    /// - Parameter bytes: size of the text, for a guess at the number of its values.
    init(maxDepth: Int, maxFields: Int, bytes: Int) {
        self.maxDepth = maxDepth
        self.maxFields = maxFields
        nodes.reserveCapacity(min(maxFields, bytes / 12 + 4))
    }

    mutating func text(_ input: Span<UInt8>) throws(JSONFlaw) {
        skipSpace(input)
        try value(input, depth: 1, name: 0..<0, nameHasEscapes: false)
        skipSpace(input)
        guard at == input.count else { throw .malformed(at: at) }
    }

    private mutating func value(
        _ input: Span<UInt8>, depth: Int, name: Range<Int>, nameHasEscapes: Bool
    ) throws(JSONFlaw) {
        guard at < input.count else { throw .malformed(at: at) }
        guard nodes.count < maxFields else { throw .tooManyFields }
        let index = nodes.count
        var node = JSONNode(type: .null, start: Int32(at))
        node.nameStart = Int32(name.lowerBound)
        node.nameEnd = Int32(name.upperBound)
        node.nameHasEscapes = nameHasEscapes
        switch input[at] {
        case UInt8(ascii: "{"):
            node.type = .object
            nodes.append(node)
            try object(input, depth: depth)
        case UInt8(ascii: "["):
            node.type = .array
            nodes.append(node)
            try array(input, depth: depth)
        case UInt8(ascii: "\""):
            node.type = .string
            node.hasEscapes = try string(input)
            nodes.append(node)
        case UInt8(ascii: "t"):
            node.type = .boolean
            try word(input, "true")
            nodes.append(node)
        case UInt8(ascii: "f"):
            node.type = .boolean
            try word(input, "false")
            nodes.append(node)
        case UInt8(ascii: "n"):
            try word(input, "null")
            nodes.append(node)
        default:
            node.type = .number
            try number(input)
            nodes.append(node)
        }
        nodes[index].end = Int32(at)
        nodes[index].next = Int32(nodes.count)
    }

    private mutating func object(_ input: Span<UInt8>, depth: Int) throws(JSONFlaw) {
        guard depth <= maxDepth else { throw .tooDeep }
        at += 1
        skipSpace(input)
        if take(input, UInt8(ascii: "}")) { return }
        repeat {
            skipSpace(input)
            guard at < input.count, input[at] == UInt8(ascii: "\"") else { throw .malformed(at: at) }
            let start = at + 1
            let hasEscapes = try string(input)
            let name = start..<at - 1
            skipSpace(input)
            guard take(input, UInt8(ascii: ":")) else { throw .malformed(at: at) }
            skipSpace(input)
            try value(input, depth: depth + 1, name: name, nameHasEscapes: hasEscapes)
            skipSpace(input)
        } while take(input, UInt8(ascii: ","))
        guard take(input, UInt8(ascii: "}")) else { throw .malformed(at: at) }
    }

    private mutating func array(_ input: Span<UInt8>, depth: Int) throws(JSONFlaw) {
        guard depth <= maxDepth else { throw .tooDeep }
        at += 1
        skipSpace(input)
        if take(input, UInt8(ascii: "]")) { return }
        repeat {
            skipSpace(input)
            try value(input, depth: depth + 1, name: 0..<0, nameHasEscapes: false)
            skipSpace(input)
        } while take(input, UInt8(ascii: ","))
        guard take(input, UInt8(ascii: "]")) else { throw .malformed(at: at) }
    }

    /// - Returns: whether the string has escapes.
    private mutating func string(_ input: Span<UInt8>) throws(JSONFlaw) -> Bool {
        var hasEscapes = false
        at += 1
        while true {
            at = ByteScan.plainEnd(input, from: at, to: input.count)
            guard at < input.count else { throw .malformed(at: at) }
            switch input[at] {
            case UInt8(ascii: "\""):
                at += 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                hasEscapes = true
                guard let length = JSONEscapes.length(input, at: at) else { throw .malformed(at: at) }
                at += length
            case 0..<0x20: throw .malformed(at: at)
            default:
                // Delete is a control character to a terminal, and plain text to RFC 8259.
                let length = ByteScan.sequenceLength(input, at: at, to: input.count)
                guard length > 0 else { throw .malformed(at: at) }
                at += length
            }
        }
    }

    private mutating func number(_ input: Span<UInt8>) throws(JSONFlaw) {
        _ = take(input, UInt8(ascii: "-"))
        if !take(input, UInt8(ascii: "0")) { try digits(input) }
        if take(input, UInt8(ascii: ".")) { try digits(input) }
        if take(input, UInt8(ascii: "e")) || take(input, UInt8(ascii: "E")) {
            if !take(input, UInt8(ascii: "+")) { _ = take(input, UInt8(ascii: "-")) }
            try digits(input)
        }
    }

    private mutating func digits(_ input: Span<UInt8>) throws(JSONFlaw) {
        let start = at
        while at < input.count, input[at] &- UInt8(ascii: "0") < 10 { at += 1 }
        guard at > start else { throw .malformed(at: at) }
    }

    private mutating func word(_ input: Span<UInt8>, _ word: StaticString) throws(JSONFlaw) {
        let start = at
        for offset in 0..<word.utf8CodeUnitCount {
            guard at < input.count, input[at] == word.utf8Start[offset] else { throw .malformed(at: start) }
            at += 1
        }
    }

    @inline(__always)
    private mutating func take(_ input: Span<UInt8>, _ byte: UInt8) -> Bool {
        guard at < input.count, input[at] == byte else { return false }
        at += 1
        return true
    }

    @inline(__always)
    private mutating func skipSpace(_ input: Span<UInt8>) {
        while at < input.count {
            switch input[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }
}
