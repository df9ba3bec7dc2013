import Testing

@testable import TrafficRouter

/// Pairs of JSON bodies and what differs between them.
@Suite struct JSONPairsTests {
    struct Pair: CustomTestStringConvertible {
        let left: String
        let right: String
        let differences: [String]
        var testDescription: String { "\(left) | \(right)" }

        init(_ left: String, _ right: String, _ differences: String...) {
            self.left = left
            self.right = right
            self.differences = differences
        }
    }

    static let equal: [Pair] = [
        // Space and order of members say nothing.
        .init(#"{}"#, #" { } "#), .init(#"[]"#, "[\n]"), .init(#"null"#, "\tnull\r\n"),
        .init(#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#), .init(#"{"a":{"b":1,"c":2}}"#, #"{"a":{"c":2, "b":1}}"#),
        .init(#"[{"a":1,"b":2},{"a":3}]"#, #"[{"b":2,"a":1},{"a":3}]"#),
        .init(#"[1,[2,[3]]]"#, "[1, [2, [3]]]"),
        // Numbers by value.
        .init("1", "1.0"), .init("1", "1e0"), .init("1.0", "1E+0"), .init("100", "1e2"), .init("1000e-3", "1"),
        .init("0", "-0"), .init("0", "0.000"), .init("0e99", "0"), .init("0.1", "1e-1"), .init("-1.50", "-1.5"),
        .init("12345678901234567890", "1234567890123456789e1"), .init("1e400", "10e399"), .init("1e-400", "0.1e-399"),
        .init("1e00000000000000000002", "100"), .init(#"{"a":1}"#, #"{"a":1.0}"#), .init("[1,2.0]", "[1.0,2]"),
        .init("1e9999999999999999", "1e9999999999999999"),
        // Strings by their text.
        .init(#""A""#, #""\u0041""#), .init(#""/""#, #""\/""#), .init(#""\n""#, #""\u000a""#),
        .init(#""\u00e9""#, #""é""#), .init(#""😀""#, #""\ud83d\ude00""#), .init(#""\uD83D\uDE00""#, #""\ud83d\ude00""#),
        .init(#"{"\u0061":1}"#, #"{"a":1}"#), .init(#"{"a/b":1}"#, #"{"a\/b":1}"#),
        .init(#"{"\"":1,"x":[1]}"#, #"{"x":[1.0],"\u0022":1}"#),
        // Repeated names, first with first.
        .init(#"{"a":1,"a":2}"#, #"{"a": 1, "a": 2}"#), .init(#"{"a":1,"b":0,"a":2}"#, #"{"b":0,"a":1,"a":2}"#),
        .init(#"[{"a":1,"b":2},[0],"x"]"#, #"[{"b":2.0,"a":1e0},[0.0],"\u0078"]"#),
    ]

    static let different: [Pair] = [
        // Roots.
        .init("1", "2", "value "), .init("true", "false", "value "), .init("null", "false", "type "),
        .init("{}", "[]", "type "), .init(#""1""#, "1", "type "), .init("0", "null", "type "),
        .init(#""a""#, #""A""#, "value "), .init("1e9999999999999999", "1e99999999999999999", "value "),
        .init("9007199254740993", "9007199254740992", "value "), .init("0.1", "0.10000000000000001", "value "),
        .init("-1", "1", "value "), .init("1e2", "1e-2", "value "), .init(#""é""#, #""e\u0301""#, "value "),
        .init(#""\ud800""#, #""\ud801""#, "value "), .init(#""\\u0041""#, #""A""#, "value "),
        // Members.
        .init(#"{"a":1}"#, #"{}"#, "missing /a"), .init(#"{}"#, #"{"a":1}"#, "extra /a"),
        .init(#"{"a":1}"#, #"{"b":1}"#, "missing /a", "extra /b"), .init(#"{"a":1}"#, #"{"a":2}"#, "value /a"),
        .init(#"{"a":1}"#, #"{"a":"1"}"#, "type /a"), .init(#"{"a":null}"#, #"{}"#, "missing /a"),
        .init(#"{"a":null}"#, #"{"a":0}"#, "type /a"), .init(#"{"a":{}}"#, #"{"a":[]}"#, "type /a"),
        .init(#"{"a":{"b":{"c":1}}}"#, #"{"a":{"b":{"c":2}}}"#, "value /a/b/c"),
        .init(#"{"a":{"b":1,"c":2}}"#, #"{"a":{"c":3}}"#, "missing /a/b", "value /a/c"),
        .init(#"{"a":1,"b":2,"c":3}"#, #"{"c":4,"b":2,"a":1}"#, "value /c"),
        .init(#"{"a":{"x":1,"y":2}}"#, #"{"b":0}"#, "missing /a", "extra /b"),
        // Names with characters that a pointer must escape.
        .init(#"{"a/b":1}"#, #"{"a/b":2}"#, "value /a~1b"), .init(#"{"a~b":1}"#, #"{"a~b":2}"#, "value /a~0b"),
        .init(#"{"*":1}"#, #"{"*":2}"#, "value /~2"), .init(#"{"":1}"#, #"{"":2}"#, "value /"),
        .init(#"{"\u0000":1}"#, #"{"\u0000":2}"#, "value /\u{FFFD}"), .init(#"{"**":1}"#, #"{}"#, "missing /**"),
        // Repeated names.
        .init(#"{"a":1,"a":2}"#, #"{"a":2,"a":1}"#, "value /a"), .init(#"{"a":1,"a":2}"#, #"{"a":1}"#, "missing /a"),
        .init(#"{"a":1}"#, #"{"a":1,"a":1}"#, "extra /a"),
        // Arrays: indexes are folded, and each place is reported once.
        .init("[1]", "[2]", "value /*"), .init("[1,2,3]", "[4,5,6]", "value /*"), .init("[1]", "[]", "missing /*"),
        .init("[]", "[1]", "extra /*"), .init("[1,2]", "[1,2,3]", "extra /*"), .init("[1,2,3]", "[1,2]", "missing /*"),
        .init("[1,2,3]", "[0,1,2,3]", "extra /*"), .init("[1,2,3]", "[2,3]", "missing /*"),
        .init("[1,2,3]", "[1,9,2,3]", "extra /*"), .init("[1,2,3]", "[1,9,3]", "value /*"),
        .init(#"["1"]"#, "[1]", "type /*"), .init("[[1]]", "[[2]]", "value /*/*"),
        .init(#"[{"a":1},{"a":2}]"#, #"[{"a":1},{"a":3}]"#, "value /*/a"),
        .init(#"{"l":[{"a":1,"t":1},{"a":2,"t":1}]}"#, #"{"l":[{"a":1,"t":2},{"a":2,"t":2}]}"#, "value /l/*/t"),
        .init(#"[{"a":1}]"#, #"[{"b":1}]"#, "missing /*/a", "extra /*/b"),
        // Order apart from values.
        .init("[1,2]", "[2,1]", "order "), .init("[1,2,3]", "[3,1,2]", "order "), .init("[1,1,2]", "[1,2,1]", "order "),
        .init(#"{"l":["x","y","z"]}"#, #"{"l":["z","y","x"]}"#, "order /l"),
        .init(#"[{"a":1},{"a":2}]"#, #"[{"a":2.0},{"a":1e0}]"#, "order "),
        .init(#"[{"a":1,"b":2},{"a":3}]"#, #"[{"a":3},{"b":2,"a":1}]"#, "order "),
        .init("[1,2,3]", "[2,1,4]", "order ", "value /*"), .init("[1,2]", "[2,1,3]", "order ", "extra /*"),
        .init("[1,2,3]", "[2,1]", "order ", "missing /*"), .init("[[1,2]]", "[[2,1]]", "order /*"),
        .init("[1,2,3,4]", "[2,1,4,3]", "order "), .init("[0,1,2,3]", "[1,2,3,4]", "value /*"),
        .init("[true,false]", "[false,true]", "order "), .init("[null,0]", "[0,null]", "order "),
        .init(#"["a","b"]"#, #"["b","c"]"#, "value /*"), .init("[1,1]", "[1]", "missing /*"),
        .init("[[1,2],[3,4]]", "[[3,4],[1,2]]", "order "), .init("[[1,2],[3,4]]", "[[2,1],[3,4]]", "order /*"),
        .init("[5,1,1,1]", "[1,1,1,6]", "value /*"),
        .init(#"{"a":[1,2],"b":[1,2]}"#, #"{"a":[2,1],"b":[1,3]}"#, "order /a", "value /b/*"),
    ]

    @Test func thereAreMoreThanEightyPairs() { #expect(Self.equal.count + Self.different.count >= 100) }

    @Test(arguments: equal) func equalPairs(_ pair: Pair) {
        #expect(MirrorSample.found(pair.left, pair.right) == [])
        #expect(MirrorSample.found(pair.right, pair.left) == [])
        // The same inside of something, where other ways lead to the comparison.
        #expect(MirrorSample.found("[0,\(pair.left)]", "[0.0,\(pair.right)]") == [])
        #expect(MirrorSample.found(#"{"x":\#(pair.left)}"#, #"{"x":\#(pair.right)}"#) == [])
    }

    @Test(arguments: different) func differentPairs(_ pair: Pair) {
        #expect(MirrorSample.found(pair.left, pair.right) == pair.differences)
    }

    @Test(arguments: different) func theOtherWayRoundMissingIsExtra(_ pair: Pair) {
        let turned = pair.differences.map { text in
            text.hasPrefix("missing ")
                ? "extra " + text.dropFirst(8)
                : text.hasPrefix("extra ")
                    ? "missing "
                        + text.dropFirst(6) : text
        }
        #expect(Set(MirrorSample.found(pair.right, pair.left)) == Set(turned))
    }

    @Test(arguments: different) func nestedDifferencesHaveTheirPath(_ pair: Pair) {
        let nested = pair.differences.map { difference in
            let parts = difference.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            return "\(parts[0]) /in~1ner\(parts[1])"
        }
        #expect(MirrorSample.found(#"{"in/ner":\#(pair.left)}"#, #"{"in/ner":\#(pair.right)}"#) == nested)
    }
}
