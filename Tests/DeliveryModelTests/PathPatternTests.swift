import DeliveryModel
import Testing

@Suite struct PathPatternTests {
    @Test(arguments: [
        ("src", "src/a/b.c", true), ("src/", "src/a", true), ("src", "srcs/a", false), ("src", "a/src", false),
        ("*.c", "a.c", true), ("*.c", "a/b.c", false), ("**/*.c", "a.c", true), ("**/*.c", "x/y/a.c", true),
        ("src/**", "src/a/b", true), ("src/**/test", "src/test/x", true), ("src/**/test", "src/a/b/test", true),
        ("src/**/test", "src/a/tests", false), ("**", "a/b", true), (".", "a", true), ("./a", "a", true),
        ("a?c", "abc", true), ("a?c", "a/c", false), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false),
        ("[!a-c]x", "dx", true), ("[]]x", "]x", true), ("[x", "[x", true), ("a*b*c", "a1b2b3c", true),
        ("a*b*c", "a1b2b3d", false), ("A", "a", false), ("*", ".hidden", true), ("ü*", "über", true),
        ("a/b", "a", false),
    ])
    func whatMatches(_ pattern: String, _ path: String, _ expected: Bool) throws {
        #expect(try #require(PathPattern(pattern)).matches(path) == expected)
    }

    @Test(arguments: ["", "/etc", "../x", "a/../../b", "/", String(repeating: "a", count: 1025)])
    func othersAreRefused(_ pattern: String) {
        #expect(PathPattern(pattern) == nil)
    }

    /// A pattern that takes other matchers exponential time.
    @Test func manyStarsAreMatchedSoon() throws {
        let pattern = try #require(
            PathPattern(String(repeating: "**/", count: 100) + String(repeating: "a*", count: 100) + "b"))
        let path = Array(repeating: String(repeating: "a", count: 50), count: 50).joined(separator: "/")
        let begun = ContinuousClock.now
        #expect(!pattern.matches(path))
        #expect(ContinuousClock.now - begun < .seconds(30))
    }
}
