/// A regular expression that is searched for in time linear in the text, whatever expression and text are.
///
/// All ways through the expression are followed at once (K. Thompson, "Regular expression search algorithm", CACM 11,
/// 1968; R. Cox, "Regular expression matching can be simple and fast", 2007), so nothing is tried twice. Swift's own
/// `Regex` tries one way after the other: `(a+)+$` takes it 3.5 s for 17 bytes, `.*x` 0.5 s for 4 KiB, each time that
/// a stranger asks for such a path.
///
/// Known are `|`, `(...)`, `(?:...)`, `(?<name>...)`, `(?i)`, `(?i:...)`, `*`, `+`, `?`, `{2}`, `{2,}`, `{2,5}`, each
/// also with `?` behind it, `.`, `[a-z]`, `[^a-z]`, `[[:alpha:]]`, `\d`, `\w`, `\s`, `\D`, `\W`, `\S`, `\b`, `\B`, `^`,
/// `$`, `\A`, `\z`, `\n`, `\r`, `\t`, `\f`, `\v`, `\x41`, `\u0041`, `\u{41}`, and a backslash before anything that is
/// neither letter nor digit. `\d`, `\w`, `\s`, `\b` and `(?i)` know ASCII only. `.` is any scalar but a line feed, `$`
/// is the very end. Not known, because they cannot be had in linear time or are of no use here: backreferences,
/// look-around, atomic groups, possessive quantifiers, `\p{...}`.
///
/// Not sendable: a search uses room that belongs to the expression. One for each event loop.
public final class RegularExpression {
    /// Bytes of an expression.
    public static let longest = 256
    /// Steps that an expression may be compiled to; `{2,5}` counts what it repeats five times. A step costs a few
    /// nanoseconds for a byte of text at most.
    public static let mostSteps = 320

    private let program: RegularExpressionProgram
    private var threads: RegularExpressionThreads

    /// - Throws: for what is malformed, not known, or too large, with the place.
    public init(_ text: String) throws(RegularExpressionFlaw) {
        guard (1...Self.longest).contains(text.utf8.count) else {
            throw RegularExpressionFlaw(
                at: 0, "it has \(text.utf8.count) bytes; 1 to \(Self.longest) are allowed")
        }
        program = try RegularExpressionCompiler.compile(try RegularExpressionParser.parse(text))
        threads = RegularExpressionThreads(steps: program.steps.count)
    }

    /// Whether the expression is found anywhere in `text`. Without allocation.
    ///
    /// - Parameters:
    ///   - text: UTF-8; a byte that is none counts as U+FFFD.
    ///   - isWhole: `false` when the text goes on, so that its end here is not an end for `$`, `\z` and `\b`.
    public func matches(_ text: Span<UInt8>, isWhole: Bool = true) -> Bool {
        // Taken out, so that the loop works on values of its own and not on properties of an object.
        var own = RegularExpressionThreads(steps: 0)
        swap(&own, &threads)
        defer { swap(&own, &threads) }
        return own.search(program, text, isWhole: isWhole)
    }
}

/// Why a text is no regular expression that is known here.
public struct RegularExpressionFlaw: Error, Equatable {
    /// Position of the character from 0.
    public let position: Int
    /// For people: `character 5: look-around is not known; ...`.
    public let text: String

    init(at position: Int, _ text: String) {
        self.position = position
        self.text = "character \(position + 1): \(text)"
    }
}
