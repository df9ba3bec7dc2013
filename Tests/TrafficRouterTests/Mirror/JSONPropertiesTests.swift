import Testing

@testable import TrafficRouter

/// Random documents, written in random ways.
@Suite struct JSONPropertiesTests {
    indirect enum Value {
        case null, boolean(Bool), number(Int, zeros: Int), string([UInt8]), array([Value]), object([(String, Value)])

        static func random(_ chance: inout MirrorChance, depth: Int) -> Value {
            switch chance.next() % (depth > 3 ? 4 : 6) {
            case 0: return .null
            case 1: return .boolean(chance.hits(0.5))
            case 2: return .number(Int(chance.next() % 2_000) - 1_000, zeros: Int(chance.next() % 3))
            case 3: return .string((0..<Int(chance.next() % 12)).map { _ in UInt8(0x20 + chance.next() % 0x5F) })
            case 4: return .array((0..<Int(chance.next() % 6)).map { _ in random(&chance, depth: depth + 1) })
            default:
                return .object(
                    (0..<Int(chance.next() % 6)).map { ("name\($0)", random(&chance, depth: depth + 1)) })
            }
        }

        func text(_ chance: inout MirrorChance) -> String {
            let space = chance.hits(0.2) ? " " : ""
            switch self {
            case .null: return "null" + space
            case .boolean(let value): return space + (value ? "true" : "false")
            case .number(let value, let zeros):
                let forms = [
                    "\(value)", "\(value).0", "\(value)e0", "\(value)\(String(repeating: "0", count: zeros))E-\(zeros)",
                ]
                return forms[Int(chance.next() % 4)] + space
            case .string(let bytes):
                return "\"" + bytes.map { Self.character($0, &chance) }.joined() + "\""
            case .array(let elements):
                return "[" + space + elements.map { $0.text(&chance) }.joined(separator: ",") + "]"
            case .object(let members):
                let shuffled = members.shuffled(using: &chance)
                return "{" + shuffled.map { "\"\($0.0)\"\(space):\($0.1.text(&chance))" }.joined(separator: ",") + "}"
            }
        }

        private static func character(_ byte: UInt8, _ chance: inout MirrorChance) -> String {
            if chance.hits(0.1) || byte == 0x22 || byte == 0x5C {
                return "\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: chance.hits(0.5))
            }
            return String(UnicodeScalar(byte))
        }

        /// The same with one value somewhere replaced by another.
        func changed(_ chance: inout MirrorChance) -> Value {
            switch self {
            case .array(var elements) where !elements.isEmpty && chance.hits(0.8):
                let index = Int(chance.next() % UInt64(elements.count))
                elements[index] = elements[index].changed(&chance)
                return .array(elements)
            case .object(var members) where !members.isEmpty && chance.hits(0.8):
                let index = Int(chance.next() % UInt64(members.count))
                members[index].1 = members[index].1.changed(&chance)
                return .object(members)
            default: return .string(Array("something else \(chance.next())".utf8))
            }
        }
    }

    @Test(arguments: 0..<20) func theSameDocumentIsEqualHoweverWritten(_ seed: Int) {
        var chance = MirrorChance(seed: UInt64(seed))
        for _ in 0..<40 {
            let value = Value.random(&chance, depth: 0)
            let (one, two) = (value.text(&chance), value.text(&chance))
            #expect(MirrorSample.found(one, two) == [], "seed \(seed): \(one) | \(two)")
        }
    }

    @Test(arguments: 0..<20) func aChangeIsFoundAndAlone(_ seed: Int) {
        var chance = MirrorChance(seed: UInt64(seed) + 1_000)
        for _ in 0..<40 {
            let value = Value.random(&chance, depth: 0)
            let (one, two) = (value.text(&chance), value.changed(&chance).text(&chance))
            let found = MirrorSample.found(one, two)
            #expect(found.count == 1, "seed \(seed): \(one) | \(two) gave \(found)")
        }
    }

    @Test(arguments: 0..<10) func reversedArraysDifferInOrderOnly(_ seed: Int) {
        var chance = MirrorChance(seed: UInt64(seed) + 2_000)
        for _ in 0..<20 {
            let elements = (0..<5).map { Value.array([.number($0, zeros: 0), Value.random(&chance, depth: 2)]) }
            let one = Value.array(elements).text(&chance)
            let two = Value.array(elements.reversed()).text(&chance)
            #expect(MirrorSample.found(one, two) == ["order "], "seed \(seed): \(one) | \(two)")
        }
    }

    /// What would take long if a value were looked at again at each level, or each element with each other.
    @Test(arguments: [
        ("nested arrays", 0), ("nested objects", 1), ("reversed numbers", 2), ("all names differ", 3),
        ("one name, 1,900 times", 4), ("equal elements", 5),
    ]) func hardPairsEndSoon(_ name: String, _ shape: Int) {
        let (left, right) = Self.hard(shape)
        let clock = ContinuousClock()
        let time = clock.measure { _ = MirrorSample.found(left, right) }
        // Release builds take below 1 ms; work that grows with the square would take minutes here.
        #expect(time < .seconds(10), "\(name) took \(time)")
    }

    static func hard(_ shape: Int) -> (String, String) {
        let list = { (items: [String]) in "[" + items.joined(separator: ",") + "]" }
        let object = { (items: [String]) in "{" + items.joined(separator: ",") + "}" }
        let deep = { (open: String, close: String, end: String) in
            let chain = String(repeating: open, count: 60) + end + String(repeating: close, count: 60)
            return list(Array(repeating: chain, count: 30))
        }
        switch shape {
        case 0: return (deep("[", "]", "1"), deep("[", "]", "2"))
        case 1: return (deep(#"{"a":"#, "}", "1"), deep(#"{"a":"#, "}", "2"))
        case 2: return (list((0..<1_900).map { "\($0)" }), list((0..<1_900).reversed().map { "\($0)" }))
        case 3: return (object((0..<1_900).map { #""a\#($0)":1"# }), object((0..<1_900).map { #""b\#($0)":1"# }))
        case 4:
            return (
                object(Array(repeating: #""a":1"#, count: 1_900)), object(Array(repeating: #""a":2"#, count: 1_899))
            )
        default:
            return (list(Array(repeating: #""x""#, count: 1_900)), list(Array(repeating: #""\u0078""#, count: 1_899)))
        }
    }
}
