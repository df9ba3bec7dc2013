/// Places in JSON bodies that are left out of the comparison, with all below them.
///
/// Written as the paths of a report are, so that one can be copied from there: a JSON pointer (RFC 6901) in which `*`
/// stands for any one name or index and `~2` for a name that is `*` itself. As indexes are folded, a number stands for
/// every index too. The empty pointer is the whole body.
struct JSONPathPattern: Sendable, Equatable {
    private enum Token: Sendable, Equatable {
        case any
        case name([UInt8], isNumber: Bool)

        func matches(name: [UInt8]) -> Bool {
            switch self {
            case .any: true
            case .name(let wanted, _): wanted == name
            }
        }

        var matchesElements: Bool {
            switch self {
            case .any: true
            case .name(_, let isNumber): isNumber
            }
        }
    }

    private let tokens: [Token]

    /// - Returns: `nil` when the text neither is empty nor begins with `/`.
    init?(_ text: String) {
        guard text.isEmpty || text.hasPrefix("/") else { return nil }
        tokens = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { part in
            part == "*" ? .any : Self.name(Array(part.utf8))
        }
    }

    private static func name(_ part: [UInt8]) -> Token {
        var name: [UInt8] = []
        var at = 0
        while at < part.count {
            let next = at + 1 < part.count ? part[at + 1] : 0
            switch (part[at], next) {
            case (UInt8(ascii: "~"), UInt8(ascii: "0")): name.append(UInt8(ascii: "~"))
            case (UInt8(ascii: "~"), UInt8(ascii: "1")): name.append(UInt8(ascii: "/"))
            case (UInt8(ascii: "~"), UInt8(ascii: "2")): name.append(UInt8(ascii: "*"))
            default:
                name.append(part[at])
                at -= 1
            }
            at += 2
        }
        return .name(name, isNumber: !name.isEmpty && name.allSatisfy { (0x30...0x39).contains($0) })
    }

    /// For each value of a document whether it is left out; empty when none is.
    static func ignored(_ patterns: [JSONPathPattern], in document: JSONDocument) -> [Bool] {
        guard !patterns.isEmpty else { return [] }
        var ignored = [Bool](repeating: false, count: document.nodes.count)
        mark(0, in: document, [Int](patterns.indices), depth: 0, patterns, &ignored)
        return ignored
    }

    /// - Parameter live: patterns whose first `depth` tokens match the way to this node.
    private static func mark(
        _ node: Int, in document: JSONDocument, _ live: [Int], depth: Int, _ patterns: [JSONPathPattern],
        _ ignored: inout [Bool]
    ) {
        guard !live.isEmpty else { return }
        let end = Int(document.nodes[node].next)
        if live.contains(where: { patterns[$0].tokens.count == depth }) {
            for index in node..<end { ignored[index] = true }
            return
        }
        let isObject = document.nodes[node].type == .object
        var child = node + 1
        while child < end {
            let name = isObject ? document.name(of: child) : []
            let next = live.filter { index in
                let token = patterns[index].tokens[depth]
                return isObject ? token.matches(name: name) : token.matchesElements
            }
            mark(child, in: document, next, depth: depth + 1, patterns, &ignored)
            child = Int(document.nodes[child].next)
        }
    }
}
