import Testing

@testable import TrafficRouter

/// Generated expressions and texts: found here exactly when Swift's `Regex` finds them.
@Suite struct RegularExpressionComparisonTests {
    @Test(arguments: 0..<8)
    func bothFindTheSame(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var outcomes = [0, 0]
        for _ in 0..<250 {
            let pattern = Self.choice(&random, depth: 3)
            guard pattern.utf8.count <= RegularExpression.longest else { continue }
            let ours = try RegularExpression(pattern)
            let theirs = try Regex(pattern).matchingSemantics(.unicodeScalar).wordBoundaryKind(.simple)
            // Theirs takes letters of all scripts for parts of words, and digits for none where it looks for borders.
            let hasWords = ["\\b", "\\B", "\\w", "\\W"].contains { pattern.contains($0) }
            for _ in 0..<8 {
                let text = Self.text(&random, lettersOnly: hasWords)
                let isFound = ours.finds(Array(text.utf8))
                let expected = try theirs.firstMatch(in: text) != nil
                #expect(isFound == expected, "'\(pattern)' in '\(text)', seed \(seed)")
                outcomes[isFound ? 1 : 0] += 1
            }
        }
        // Neither is rare, or the comparison would say little.
        #expect(outcomes.allSatisfy { $0 > 200 }, "\(outcomes)")
    }

    private static let atoms = [
        "a", "b", "A", "/", ".", "[ab]", "[^a]", "[a-c/]", "\\w", "\\d", "\\W", "\\.", "[\\d_]", "_", "\u{E9}",
        "[^\u{E9}]",
    ]
    private static let borders = ["^", "$", "\\b", "\\B"]
    private static let quantifiers = ["*", "+", "?", "{2}", "{1,2}", "{2,}", "*?", "+?", "??"]

    private static func choice(_ random: inout SeededRandom, depth: Int) -> String {
        let options = (0..<(random.below(4) == 0 ? 2 : 1)).map { _ in
            (0..<(1 + random.below(3))).map { _ in part(&random, depth: depth) }.joined()
        }
        return options.joined(separator: "|")
    }

    private static func part(_ random: inout SeededRandom, depth: Int) -> String {
        if random.below(6) == 0 { return borders[random.below(borders.count)] }
        var part = atoms[random.below(atoms.count)]
        if depth > 0, random.below(3) == 0 {
            part = ["(", "(?:", "(?i:"][random.below(3)] + choice(&random, depth: depth - 1) + ")"
        }
        return random.below(3) == 0 ? part + quantifiers[random.below(quantifiers.count)] : part
    }

    private static func text(_ random: inout SeededRandom, lettersOnly: Bool) -> String {
        let alphabet = [
            "a", "b", "c", "A", "B", "/", ".", "_", " ", lettersOnly ? "d" : "1", lettersOnly ? "e" : "\u{E9}",
        ]
        return (0..<random.below(9)).map { _ in alphabet[random.below(alphabet.count)] }.joined()
    }
}

/// SplitMix64 (G. Steele et al., OOPSLA 2014): the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
