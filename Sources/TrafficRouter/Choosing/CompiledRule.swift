import DeliveryModel

/// A rule whose release is known, made ready once for each table and event loop. A class, so that going through rules
/// copies nothing.
final class CompiledRule {
    let name: String
    /// Position of the release in the table.
    let release: Int
    let isCounted: Bool

    private let header: CompiledCondition?
    private let cookie: CompiledCondition?
    private let query: CompiledCondition?
    /// A bit for each `RequestMethod`; 0: any method.
    private let methods: UInt16
    private let otherMethods: [[UInt8]]
    private let pathPrefix: [UInt8]?
    private let pathRegex: RegularExpression?
    private let sources: [AddressRange]

    /// - Throws: for a regular expression that is not known.
    init(_ rule: RouteRule, release: Int) throws(RegularExpressionFlaw) {
        name = rule.name
        self.release = release
        isCounted = rule.counted
        header = try Self.condition(rule.header, ignoresCase: true)
        cookie = try Self.condition(rule.cookie, ignoresCase: false)
        query = try Self.condition(rule.query, ignoresCase: false)
        var (known, others): (UInt16, [[UInt8]]) = (0, [])
        for method in rule.methods.map({ Array($0.utf8) }) {
            let id = RequestMethod.classify(method.span, method.indices)
            known |= 1 << UInt16(id.rawValue)
            if id == .other { others.append(method) }
        }
        (methods, otherMethods) = (known, others)
        pathPrefix = rule.pathPrefix.map(RoutePath.prefix)
        if let text = rule.pathRegex { pathRegex = try RegularExpression(text) } else { pathRegex = nil }
        sources = rule.source
    }

    private static func condition(
        _ condition: FieldCondition?, ignoresCase: Bool
    ) throws(RegularExpressionFlaw) -> CompiledCondition? {
        guard let condition else { return nil }
        return try CompiledCondition(condition, ignoresCase: ignoresCase)
    }

    /// Whether all conditions hold; those that cost least are looked at first.
    ///
    /// - Parameters:
    ///   - peer: `nil`: unknown, which is in no range.
    ///   - decoded: room for the query's values.
    func applies(to head: RequestHead, _ peer: IPAddress?, decoded: inout [UInt8]) -> Bool {
        guard hasMethod(head), isFrom(peer), hasPrefix(head) else { return false }
        if let header {
            let passes = head.firstField(named: header.name) { header.outcome($0, $1) }
            guard passes ?? header.passesWithout else { return false }
        }
        if let cookie {
            let passes = head.firstCookie(named: cookie.name) { cookie.outcome($0, $1) }
            guard passes ?? cookie.passesWithout else { return false }
        }
        if let query {
            let passes = head.firstParameter(named: query.name) { Self.outcome(query, $0, $1, &decoded) }
            guard passes ?? query.passesWithout else { return false }
        }
        return fits(head)
    }

    private func fits(_ head: RequestHead) -> Bool {
        guard let pathRegex else { return true }
        // An absolute form without a path means `/`, but for OPTIONS, which means no path at all.
        if head.path.isEmpty, head.method != .options {
            let slash = [Byte.slash]
            return pathRegex.matches(slash.span)
        }
        let bytes = head.bytes
        return pathRegex.isFound(bytes.span, head.path)
    }

    private func hasMethod(_ head: RequestHead) -> Bool {
        if methods == 0 { return true }
        guard methods & 1 << UInt16(head.method.rawValue) != 0 else { return false }
        return head.method != .other || otherMethods.contains { head.bytes[head.methodRange].elementsEqual($0) }
    }

    private func isFrom(_ peer: IPAddress?) -> Bool {
        if sources.isEmpty { return true }
        guard let peer else { return false }
        return sources.contains(peer)
    }

    private func hasPrefix(_ head: RequestHead) -> Bool {
        guard let pathPrefix else { return true }
        let bytes = head.bytes
        return RoutePath.isCovered(bytes.span, head.path, by: pathPrefix.span, 0..<pathPrefix.count)
    }

    private static func outcome(
        _ condition: CompiledCondition, _ bytes: Span<UInt8>, _ value: Range<Int>, _ decoded: inout [UInt8]
    ) -> Bool? {
        if PercentDecoding.isPlain(bytes, value) { return condition.outcome(bytes, value) }
        // One more than is looked at, so that it shows that there is more.
        PercentDecoding.decode(bytes, value, limit: CompiledCondition.searchedBytes + 1, into: &decoded)
        return condition.outcome(decoded.span, decoded.indices)
    }
}
