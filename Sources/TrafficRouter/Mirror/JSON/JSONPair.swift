/// Two documents and how their values are compared, those that have no parts.
struct JSONPair: Sendable {
    let left: JSONDocument
    let right: JSONDocument

    /// - Returns: `true` only for equal values; equal values written otherwise give `false`.
    func isWrittenAlike(_ one: Int, _ two: Int) -> Bool {
        ByteScan.areEqual(left.bytes.span, left.nodes[one].range, right.bytes.span, right.nodes[two].range)
    }

    func haveEqualNames(_ one: Int, _ two: Int) -> Bool {
        let (a, b) = (left.nodes[one], right.nodes[two])
        if !a.nameHasEscapes, !b.nameHasEscapes {
            return ByteScan.areEqual(left.bytes.span, a.name, right.bytes.span, b.name)
        }
        return left.name(of: one) == right.name(of: two)
    }

    /// - Precondition: both are of the same type and neither array nor object, and not written alike.
    func isEqualScalar(_ one: Int, _ two: Int) -> Bool {
        let (a, b) = (left.nodes[one], right.nodes[two])
        switch a.type {
        case .number:
            guard let first = JSONNumber(left.bytes.span, a.range), let second = JSONNumber(right.bytes.span, b.range)
            else { return false }
            return first == second
        case .string:
            guard a.hasEscapes || b.hasEscapes else { return false }
            return left.unescaped(left.content(of: one)) == right.unescaped(right.content(of: two))
        default: return false
        }
    }
}
