import DeliveryModel

/// Decides which series of an instance's text a `MetricSelector` means.
///
/// Lives within one question: regular expressions cannot be sent to other tasks.
struct SeriesFilter {
    private enum Condition {
        case equal(String)
        case unequal(String)
        case like(Regex<AnyRegexOutput>)
        case unlike(Regex<AnyRegexOutput>)
    }

    let name: String
    private let conditions: [(label: String, condition: Condition)]

    /// - Parameter query: a selector, in whose quoted values placeholders are filled in.
    /// - Throws: `MetricError` when it is no selector or has a bad regular expression or placeholder.
    init(_ query: String, for subject: MetricSubject) throws(MetricError) {
        let limit = ServiceFileLimits.queryBytes
        guard query.utf8.count <= limit else {
            throw MetricError("a metric's query has \(query.utf8.count) bytes; the limit is \(limit)")
        }
        guard let selector = MetricSelector(query) else {
            let example = #"orders_total{status="paid"}"#
            throw MetricError(
                "expected a metric's name with label matchers, as \(example), found \(query): instances know no PromQL")
        }
        name = selector.name
        var conditions: [(label: String, condition: Condition)] = []
        for matcher in selector.matchers {
            let value = try MetricQuery.filled(matcher.value, for: subject) { Array($0.utf8) }
            let condition: Condition =
                switch matcher.comparison {
                case .equals: .equal(value)
                case .equalsNot: .unequal(value)
                case .matches: .like(try Self.regex(value, of: matcher.label))
                case .matchesNot: .unlike(try Self.regex(value, of: matcher.label))
                }
            conditions.append((matcher.label, condition))
        }
        self.conditions = conditions
    }

    /// Whether all matchers hold. A label that is not there is empty text, as in PromQL.
    func matches(_ sample: ExpositionText.Sample) -> Bool {
        guard sample.name == name else { return false }
        return conditions.allSatisfy { label, condition in
            let value = sample.labels[label] ?? ""
            return switch condition {
            case .equal(let text): value == text
            case .unequal(let text): value != text
            case .like(let regex): Self.isWhole(value, regex)
            case .unlike(let regex): !Self.isWhole(value, regex)
            }
        }
    }

    /// Prometheus anchors its regular expressions at both ends.
    private static func isWhole(_ value: String, _ regex: Regex<AnyRegexOutput>) -> Bool {
        (try? regex.wholeMatch(in: value)) != nil
    }

    private static func regex(_ pattern: String, of label: String) throws(MetricError) -> Regex<AnyRegexOutput> {
        do {
            return try Regex(pattern).matchingSemantics(.unicodeScalar).dotMatchesNewlines()
        } catch {
            throw MetricError("'\(pattern)' of label \(label) is no regular expression")
        }
    }
}
