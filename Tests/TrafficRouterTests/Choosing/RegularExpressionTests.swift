import Testing

@testable import TrafficRouter

@Suite struct RegularExpressionTests {
    static let found: [(String, String)] = [
        ("a", "bab"), ("^/(cart|checkout)", "/checkout/1"), ("^/(cart|checkout)(/|$)", "/cart"),
        ("(^|/)admin(/|$)", "/x/admin"),
        ("^$", ""), ("a*", ""), ("x*$", "abc"), ("a.c", "a/c"), ("^a{2}$", "aa"), ("^a{2,}$", "aaaa"),
        ("^a{2,3}b", "aaab"), ("^a{,2}b", "b"), ("^a{0}b", "b"), ("^(?:ab)+?c", "ababc"),
        ("^(?<year>\\d{4})-", "2026-01"),
        ("^(?P<year>\\d{4})-", "2026-01"), ("(?i)ABC", "xabCx"), ("^(?i:a)b$", "Ab"), ("^(?i)a(?-i)b$", "Ab"),
        ("[a-c]x", "bx"), ("[^a-c]x", "dx"), ("[]a]", "]"), ("[^]a]", "b"), ("[a-]", "-"), ("[\\]\\\\]", "\\"),
        ("[\\d\\-x]+$", "1-x"), ("^[[:alpha:][:digit:]_]+$", "aB9_"), ("^[[:^digit:]]$", "x"), ("^[\\w.]+$", "a_1.b"),
        ("\\bandroid\\b", "Mozilla (Android; android)"), ("\\Bb", "ab"), ("^\\S+\\s\\S+$", "ab cd"),
        ("\\.html?$", "/a.htm"),
        ("\\/x", "/x"), ("\\x2Fa", "/a"), ("\\u002fa", "/a"), ("\\u{2F}a", "/a"), ("^\\Aa\\z$", "a"),
        ("é", "caf\u{E9}"),
        ("^.$", "\u{E9}"), ("^[\u{E0}-\u{FF}]$", "\u{E9}"), ("^[^a]$", "\u{1F600}"), ("^\\W$", "\u{E9}"),
        ("(?i)[^a]", "b"),
        ("^((a|b)*c|d)+$", "abcdbc"), ("(a*)*$", "aaa"), ("(a|aa)+$", "aaaaa"), ("}", "}"), ("]", "]"), ("a||b", ""),
        ("^(a|)$", ""), ("(?:)", ""), ("^(a{1,2}){2}$", "aaa"), ("\\t", "\t"), ("[\\n\\t]", "\t"), ("-", "-"),
        ("^(\\b)?a", "a"),
    ]

    @Test(arguments: found)
    func isFound(_ pattern: String, _ text: String) throws { #expect(try Self.search(pattern, text)) }

    static let notFound: [(String, String)] = [
        ("a", "b"), ("^/(cart|checkout)(/|$)", "/cartoon"), ("(^|/)admin(/|$)", "/administrator"), ("^a", "ba"),
        ("a$", "ab"),
        ("a.c", "a\nc"), ("^a{2}$", "aaa"), ("^a{2,3}$", "aaaa"), ("^a{,2}$", "aaa"), ("abc", "ABC"),
        ("^(?i:a)b$", "AB"),
        ("^(?i)a(?-i)b$", "AB"), ("[a-c]", "d"), ("[^a-c]", "b"), ("\\d", "x"), ("\\D", "5"), ("\\w", "-"),
        ("\\bandroid\\b", "androids"),
        ("\\Bb", "b"), ("\\.html", "xhtml"), ("^.$", ""), ("[^\u{E0}-\u{FF}]", "\u{E9}"), ("\\w", "\u{E9}"),
        ("(?i)[^a]", "A"),
        ("a$", "a\n"), ("\\d", "\u{663}"), ("(a+)+$", "aaaa!"), ("^\\b$", ""), ("$^a", "a"), ("a^", "a"),
    ]

    @Test(arguments: notFound)
    func isNotFound(_ pattern: String, _ text: String) throws { #expect(try !Self.search(pattern, text)) }

    @Test(arguments: [
        ("(", 1, "without its ')'"), (")", 1, "without its '('"), ("a)", 2, "without its '('"),
        ("[a", 1, "without its ']'"),
        ("*a", 1, "nothing that can be repeated"), ("a**", 3, "quantifier behind"), ("a*+", 3, "possessive"),
        ("a{", 2, "neither"), ("a{x}", 2, "neither"), ("a{3,2}", 2, "rise"),
        ("a{1001}", 2, "1000"), ("{2}", 1, "write '\\{'"), ("a\\", 2, "behind the last"),
        ("(a)\\1", 4, "'\\1' is not known"),
        ("(?=a)", 1, "look-around"), ("(?!a)", 1, "look-around"), ("(?<=a)", 1, "look-around"),
        ("(?<!a)", 1, "look-around"),
        ("(?>a)", 1, "atomic"), ("(?m)a", 1, "options but i"), ("(?ix)a", 1, "only i"),
        ("(?<>a)", 1, "name of a group"),
        ("\\p{L}", 1, "'\\p' is not known"), ("\\Q", 1, "not known"), ("[z-a]", 2, "rising"), ("[a-\\d]", 2, "rising"),
        ("[a&&b]", 3, "write the character once"), ("[[a]]", 2, "write '\\['"), ("[[:nope:]]", 2, "[:alpha:]"),
        ("\\x4", 1, "number"),
        ("\\u{110000}", 1, "number"), ("\\uD800", 1, "number"), ("((((a{99}){99}){99}){99})", 1, "320 steps"),
        ("(((((){999}){999}){999}){999})", 1, "320 steps"), ("a{400}", 1, "320 steps"), ("", 1, "0 bytes"),
    ])
    func isRefused(_ pattern: String, _ character: Int, _ why: String) throws {
        let flaw = try #require(throws: RegularExpressionFlaw.self) { _ = try RegularExpression(pattern) }
        #expect(flaw.position + 1 == character && flaw.text.hasPrefix("character \(character): "))
        #expect(flaw.text.contains(why), "\(flaw.text)")
    }

    @Test func theLongestIsTaken() throws {
        #expect(try Self.search(String(repeating: "a", count: 256), String(repeating: "a", count: 256)))
        #expect(throws: RegularExpressionFlaw.self) { try RegularExpression(String(repeating: "a", count: 257)) }
        #expect(try Self.search(String(repeating: "(", count: 127) + "a" + String(repeating: ")", count: 127), "a"))
    }

    /// What is no UTF-8 is one unknown character for each byte, as in what the router logs.
    @Test(
        arguments: [
            ([0xFF], 1), ([0xC3], 1), ([0xC3, 0xA9], 1), ([0xC0, 0x80], 2), ([0xE0, 0x80, 0x80], 3),
            ([0xED, 0xA0, 0x80], 3),
            ([0xF0, 0x9F, 0x98, 0x80], 1), ([0xF4, 0x90, 0x80, 0x80], 4), ([0x80, 0x41], 2), ([0xE2, 0x82], 2),
        ] as [([UInt8], Int)])
    func bytesThatAreNoText(_ bytes: [UInt8], _ scalars: Int) throws {
        let expression = try RegularExpression("^.{\(scalars)}$")
        #expect(expression.finds(bytes))
    }

    @Test func aTextThatGoesOnHasNoEnd() throws {
        let text = Array("/cart".utf8)
        for pattern in ["cart$", "cart\\z", "cart\\b", "cart\\B"] {
            let expression = try RegularExpression(pattern)
            #expect(!expression.finds(text, isWhole: false))
        }
        #expect(try RegularExpression("^/car").finds(text, isWhole: false))
    }

    /// Each of these takes Swift's own `Regex` minutes to years.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: ["(a+)+$", "(a|aa)+$", "(a*)*b", ".*.*.*.*x", "(a?){150}b", "(.*)(.*)(.*)[xy]"])
    func timeIsLinear(_ pattern: String) throws {
        let text = Array(repeating: UInt8(ascii: "a"), count: 4_096) + [UInt8(ascii: "!")]
        let expression = try RegularExpression(pattern)
        let time = ContinuousClock().measure { _ = expression.finds(text) }
        #expect(time < .seconds(30))
    }

    @Test func oneSearchLeavesNothingToTheNext() throws {
        let expression = try RegularExpression("^(ab|cd)+$")
        for _ in 0..<3 {
            #expect(expression.finds(Array("abcd".utf8)))
            #expect(!expression.finds(Array("abc".utf8)))
            #expect(!expression.finds([]))
        }
    }

    static func search(_ pattern: String, _ text: String) throws -> Bool {
        try RegularExpression(pattern).finds(Array(text.utf8))
    }
}

extension RegularExpression {
    /// An expectation cannot hold a span.
    func finds(_ text: [UInt8], isWhole: Bool = true) -> Bool { matches(text.span, isWhole: isWhole) }
}
