/// One metric of an instance's endpoint in Prometheus text format: `orders_total{status="paid",region!="eu"}`.
///
/// Written as a PromQL instant vector selector with a name: matchers `=`, `!=`, `=~`, `!~`, values in double quotes
/// with the escapes `\\`, `\"` and `\n`. Whether a regular expression is valid is not looked at here.
public struct MetricSelector: Sendable, Equatable {
    public enum Comparison: String, Sendable, CaseIterable {
        case matches = "=~"
        case matchesNot = "!~"
        case equalsNot = "!="
        case equals = "="

        var isPattern: Bool { self == .matches || self == .matchesNot }
    }

    public struct Matcher: Sendable, Equatable {
        public var label: String
        public var comparison: Comparison
        /// Without quotes and escapes.
        public var value: String
    }

    public var name: String
    public var matchers: [Matcher]

    /// - Returns: `nil` for everything that is not exactly such a selector; functions and ranges are not.
    public init?(_ text: String) {
        var scan = Scan(text)
        guard let name = scan.word(colon: true) else { return nil }
        self.name = name
        matchers = []
        if scan.take("{"), !scan.take("}") {
            repeat {
                guard let label = scan.word(colon: false),
                    let comparison = Comparison.allCases.first(where: { scan.take($0.rawValue) }),
                    let value = scan.quoted()
                else { return nil }
                matchers.append(Matcher(label: label, comparison: comparison, value: value))
            } while scan.take(",")
            guard scan.take("}") else { return nil }
        }
        guard scan.isAtEnd else { return nil }
    }

    /// The same as a regular expression, for the schema.
    static let pattern: String = {
        let label = "\\s*[A-Za-z_][A-Za-z0-9_]*\\s*(=~|!~|!=|=)\\s*\"([^\"\\\\]|\\\\[\\\\\"n])*\"\\s*"
        return "^\\s*[A-Za-z_:][A-Za-z0-9_:]*\\s*(\\{(\\s*|\(label)(,\(label))*)\\})?\\s*$"
    }()

    static func complaint(about text: String) -> ServiceFileComplaint? {
        if let complaint = MetricQuery.complaint(about: text) { return complaint }
        if let selector = MetricSelector(text) {
            let wrong = selector.matchers.first { $0.comparison.isPattern && (try? Regex($0.value)) == nil }
            return wrong.map {
                ServiceFileComplaint("'\($0.value.prefix(60))' for \($0.label)", expected: "a valid regular expression")
            }
        }
        let doubled = String(text.map { $0 == "'" || $0 == "`" ? "\"" : $0 })
        return ServiceFileComplaint(
            text.count > 60 ? "'\(text.prefix(60))...'" : "'\(text)'",
            expected: ServiceFileValue.TextForm.metricSelector.expectation,
            suggestion: MetricSelector(doubled).map { _ in doubled })
    }

    /// Reads piece by piece; white space between pieces is skipped.
    private struct Scan {
        private var rest: Substring.UnicodeScalarView

        init(_ text: String) { rest = text[...].unicodeScalars }

        var isAtEnd: Bool { rest.allSatisfy(Self.isSpace) }

        mutating func take(_ token: String) -> Bool {
            rest = rest.drop(while: Self.isSpace)
            guard rest.starts(with: token.unicodeScalars) else { return false }
            rest = rest.dropFirst(token.unicodeScalars.count)
            return true
        }

        mutating func word(colon: Bool) -> String? {
            rest = rest.drop(while: Self.isSpace)
            let word = rest.prefix { Self.isLetter($0) || ("0"..."9").contains($0) || (colon && $0 == ":") }
            guard let first = word.first, !("0"..."9").contains(first) else { return nil }
            rest = rest[word.endIndex...]
            return String(word)
        }

        mutating func quoted() -> String? {
            guard take("\"") else { return nil }
            var value = String.UnicodeScalarView()
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\"": return String(value)
                case "\\":
                    guard let escaped = rest.popFirst(), ["\\", "\"", "n"].contains(escaped) else { return nil }
                    value.append(escaped == "n" ? "\n" : escaped)
                default: value.append(scalar)
                }
            }
            return nil
        }

        private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
            scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
        }

        private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
        }
    }
}
