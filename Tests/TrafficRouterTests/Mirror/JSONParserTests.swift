import Testing

@testable import TrafficRouter

@Suite struct JSONParserTests {
    static func read(_ bytes: [UInt8]) throws -> JSONDocument {
        try JSONDocument.parse(bytes, maxDepth: 64, maxFields: 2_000)
    }

    @Test(arguments: [
        "0", "-0", "1", "-1.5e+10", "1E1", "0.0", "10", "\"\"", "\"\u{7F}\"", "\"\\ud800\"", "[]", "[[]]", "{}",
        "[1,2]", #"{"a":[{"b":null}]}"#, " [ ] ", "\"\u{2028}\"", "\"\u{10FFFF}\"", "\"\u{FEFF}\"", "true", "false",
        #""\"\\\/\b\f\n\r\t""#, #"{"":0}"#, "\"1234567\\\"\"", "\"12345678901234567890é\"",
    ]) func readsWhatIsJSON(_ text: String) throws { _ = try Self.read(Array(text.utf8)) }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x1",
        "1 2",
        "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#,
        "{1:1}",
        #"{"a":1 "b":2}"#, "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "\"\t\"",
        "\"\u{0}\"",
        "'a'", "/* */1", "1//", "\u{FEFF}1", "[1]]", "{}{}", "\u{0B}1", "1\u{A0}", "\"\\", "\"\\u", "--1", "1-",
        "1e1.5",
    ]) func refusesWhatIsNot(_ text: String) {
        #expect(throws: JSONFlaw.self) { try Self.read(Array(text.utf8)) }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80],
            [0xE2, 0x82], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
            [0xF0, 0x9F],
        ] as [[UInt8]]) func refusesStringsThatAreNotUTF8(_ bytes: [UInt8])
    {
        for padding in 0..<10 {
            let before = [UInt8](repeating: 0x61, count: padding)
            #expect(throws: JSONFlaw.malformed(at: 1 + padding)) {
                try Self.read([0x22] + before + bytes + [0x22])
            }
        }
    }

    @Test func everyPrefixOfATextIsRefused() throws {
        let text = Array(#"{"key":[1.5e3,"a\u00e9\\é",{"x":null}],"y":[true,false,[]]}"#.utf8)
        _ = try Self.read(text)
        for end in text.indices { #expect(throws: JSONFlaw.self) { try Self.read(Array(text[..<end])) } }
    }

    @Test func changedBytesNeverTrap() throws {
        var chance = MirrorChance(seed: 11)
        let text = Array(#"{"key":[1.5e3,"a\u00e9\ud83d\ude00é😀",{"x":null}],"y":[true,false,[-0.0]]}"#.utf8)
        let original = MirrorSample.json(String(decoding: text, as: UTF8.self))
        for _ in 0..<5_000 {
            var changed = text
            for _ in 0...Int(chance.next() % 3) {
                changed[Int(chance.next() % UInt64(changed.count))] = UInt8(truncatingIfNeeded: chance.next())
            }
            var answer = original
            answer = ComparedAnswer(status: 200, fields: answer.fields, body: changed)
            let found = AnswerComparison.compare(primary: original, candidate: answer).candidate
            #expect(found.isEqual || !found.differences.isEmpty || changed != text)
        }
    }

    @Test func limitsAreKeptToTheValue() throws {
        let deep = { (depth: Int) in
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        _ = try Self.read(deep(64))
        #expect(throws: JSONFlaw.tooDeep) { try Self.read(deep(65)) }
        #expect(throws: JSONFlaw.tooDeep) { try Self.read(Array(String(repeating: "[", count: 60_000).utf8)) }
        let wide = { (count: Int) in Array("[\(Array(repeating: "1", count: count - 1).joined(separator: ","))]".utf8) }
        #expect(try Self.read(wide(2_000)).nodes.count == 2_000)
        #expect(throws: JSONFlaw.tooManyFields) { try Self.read(wide(2_001)) }
    }

    @Test func plainRunsEndWhereTheyShould() {
        for special in [0x00, 0x1F, 0x22, 0x5C, 0x7F, 0x80, 0xFF] as [UInt8] {
            for length in 0..<20 {
                var bytes = [UInt8](repeating: 0x61, count: 24)
                bytes[length] = special
                #expect(Self.plainEnd(bytes, to: 24) == length)
                #expect(Self.plainEnd(bytes, to: length) == length)
            }
        }
        for plain in 0x20...0x7E as ClosedRange<UInt8> where plain != 0x22 && plain != 0x5C {
            #expect(Self.plainEnd([UInt8](repeating: plain, count: 9), to: 9) == 9)
        }
    }

    private static func plainEnd(_ bytes: [UInt8], to end: Int) -> Int {
        ByteScan.plainEnd(bytes.span, from: 0, to: end)
    }
}
