/// Two JSON bodies, field by field.
///
/// Objects: members are found by name, their order does not matter (RFC 8259, section 4). A name that stands there
/// twice is compared first with first and second with second, and what is left over is missing or extra: which one
/// counts depends on who reads it, so all of them do. Numbers are compared by value, strings after unescaping. Arrays:
/// see `JSONComparison+Arrays.swift`.
struct JSONComparison {
    let pair: JSONPair
    let options: ComparisonOptions
    var found: AnswerDifferences
    /// Pointer to the values under comparison.
    var path: [UInt8] = []
    /// Positions in `path` where its parts begin.
    var parts: [Int] = []
    /// Hashes of all values, made when the first arrays differ. Equal values have equal hashes.
    var hashes: (left: [UInt64], right: [UInt64])?
    /// Set when no more differences are taken.
    var isFull = false

    init(left: JSONDocument, right: JSONDocument, options: ComparisonOptions, found: AnswerDifferences) {
        pair = JSONPair(left: left, right: right)
        self.options = options
        self.found = found
    }

    var left: JSONDocument { pair.left }
    var right: JSONDocument { pair.right }

    mutating func run() {
        if !left.isIgnored(0) { compare(0, 0) }
    }

    mutating func compare(_ one: Int, _ two: Int) {
        guard !isFull, !pair.isWrittenAlike(one, two) else { return }
        let type = left.nodes[one].type
        guard type == right.nodes[two].type else { return report(.type, one, two) }
        switch type {
        case .object: compareObjects(one, two)
        case .array: compareArrays(one, two)
        default: if !pair.isEqualScalar(one, two) { report(.value, one, two) }
        }
    }

    private mutating func compareObjects(_ one: Int, _ two: Int) {
        var (at, other) = (one + 1, two + 1)
        let (end, otherEnd) = (Int(left.nodes[one].next), Int(right.nodes[two].next))
        // Two programs that are nearly the same write members in the same order: no look-up as long as they do.
        while at < end, other < otherEnd, pair.haveEqualNames(at, other) {
            compareMembers(at, other)
            (at, other) = (Int(left.nodes[at].next), Int(right.nodes[other].next))
        }
        guard at < end || other < otherEnd else { return }
        var names = NameIndex(document: right, from: other, to: otherEnd)
        while at < end, !isFull {
            defer { at = Int(left.nodes[at].next) }
            guard !left.isIgnored(at) else { continue }
            if let match = names.take(left.name(of: at)) {
                compareMembers(at, match)
            } else {
                enter(left.name(of: at))
                report(.missing, at, nil)
                leave()
            }
        }
        for member in names.left {
            enter(right.name(of: member))
            report(.extra, nil, member)
            leave()
        }
    }

    private mutating func compareMembers(_ one: Int, _ two: Int) {
        guard !isFull, !left.isIgnored(one), !pair.isWrittenAlike(one, two) else { return }
        enter(left.name(of: one))
        compare(one, two)
        leave()
    }

    mutating func enter(_ name: [UInt8]) {
        parts.append(path.count)
        path.append(UInt8(ascii: "/"))
        if name == [UInt8(ascii: "*")] { return path.append(contentsOf: "~2".utf8) }
        for byte in name {
            switch byte {
            case UInt8(ascii: "~"): path.append(contentsOf: "~0".utf8)
            case UInt8(ascii: "/"): path.append(contentsOf: "~1".utf8)
            default: path.append(byte)
            }
        }
    }

    mutating func enterElement() {
        parts.append(path.count)
        path.append(contentsOf: "/*".utf8)
    }

    mutating func leave() {
        guard let start = parts.popLast() else { return }
        path.removeLast(path.count - start)
    }

    mutating func report(_ kind: DifferenceKey.Kind, _ one: Int?, _ two: Int?) {
        guard !isFull else { return }
        let key = DifferenceKey(part: .json, kind: kind, path: pathText())
        let (left, right, limit) = (left, right, options.maxExampleBytes)
        let taken = found.add(key, maxDifferences: options.maxDifferences) {
            DifferenceExample(
                baseline: one.flatMap { Self.text(left, $0, limit) },
                candidate: two.flatMap { Self.text(right, $0, limit) })
        }
        isFull = !taken
    }

    private static func text(_ document: JSONDocument, _ node: Int, _ limit: Int) -> String? {
        BoundedText.make(document.bytes[document.nodes[node].range], limit: limit)
    }

    private mutating func pathText() -> String {
        guard path.count > options.maxPathBytes else {
            return BoundedText.clean(String(decoding: path, as: UTF8.self))
        }
        found.reach(.pathBytes)
        let whole = parts.last { $0 <= options.maxPathBytes } ?? 0
        return BoundedText.clean(String(decoding: path[..<whole], as: UTF8.self)) + "/…"
    }
}
