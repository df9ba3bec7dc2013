import DeliveryModel

/// A condition on a field, made ready once for each table and event loop. A class, so that going through rules copies
/// nothing.
final class CompiledCondition {
    private enum Test {
        case equals([UInt8])
        case prefix([UInt8])
        case regex(RegularExpression)
        case present
        case absent
    }

    /// Bytes of a value, or of a path, in which a regular expression is looked for; what comes behind them is not seen.
    static let searchedBytes = 4_096

    let name: [UInt8]
    private let test: Test

    /// - Parameter ignoresCase: of the name.
    /// - Throws: for a regular expression that is not known; the table's validation refuses those before.
    init(_ condition: FieldCondition, ignoresCase: Bool) throws(RegularExpressionFlaw) {
        name = condition.name.utf8.map { ignoresCase ? $0.lowercased : $0 }
        switch condition.test {
        case .equals(let text): test = .equals(Array(text.utf8))
        case .prefix(let text): test = .prefix(Array(text.utf8))
        case .regex(let text): test = .regex(try RegularExpression(text))
        case .present(let isWanted): test = isWanted ? .present : .absent
        }
    }

    /// What a request without the field passes.
    var passesWithout: Bool {
        if case .absent = test { true } else { false }
    }

    /// - Returns: `nil` when another field of the name may still pass.
    @inline(__always)
    func outcome(_ bytes: Span<UInt8>, _ value: Range<Int>) -> Bool? {
        switch test {
        case .equals(let text):
            value.count == text.count && bytes.hasBytes(text.span, at: value.lowerBound) ? true : nil
        case .prefix(let text):
            text.count <= value.count && bytes.hasBytes(text.span, at: value.lowerBound) ? true : nil
        case .regex(let expression): expression.isFound(bytes, value) ? true : nil
        case .present: true
        case .absent: false
        }
    }
}

extension RegularExpression {
    /// Looks at the first 4 KiB of `range`; a longer text has no end.
    func isFound(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let limit = CompiledCondition.searchedBytes
        let end = min(range.upperBound, range.lowerBound + limit)
        return matches(bytes.extracting(range.lowerBound..<end), isWhole: end == range.upperBound)
    }
}
