/// Where and how two answers differ: what is counted together.
public struct DifferenceKey: Hashable, Sendable, Comparable {
    public enum Part: String, Sendable, Hashable, CaseIterable {
        /// The status; the path is empty.
        case status
        /// A header field; the path is its name in lower case.
        case header
        /// A JSON body; the path is a JSON pointer.
        case json
        /// A body that is not JSON, or could not be read as such; the path is empty.
        case bytes
    }

    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The candidate's answer lacks what the baseline's has.
        case missing
        /// The candidate's answer has what the baseline's lacks.
        case extra
        /// A value of another JSON type, or one that is not JSON.
        case type
        case value
        /// The same elements of an array, or values of a field, in another order.
        case order
        /// Bodies of different lengths.
        case length
    }

    public let part: Part
    public let kind: Kind
    /// For `json` a pointer (RFC 6901) in which every array index is `*`; a member named `*` is written `~2`. Control
    /// characters are written `U+FFFD`. A path past the limit ends with `/…`.
    public let path: String

    public init(part: Part, kind: Kind, path: String) {
        self.part = part
        self.kind = kind
        self.path = path
    }

    public static func < (left: Self, right: Self) -> Bool {
        if left.part != right.part { return rank(left.part) < rank(right.part) }
        if left.path != right.path { return left.path < right.path }
        return left.kind.rawValue < right.kind.rawValue
    }

    private static func rank(_ part: Part) -> Int { Part.allCases.firstIndex(of: part) ?? 0 }
}

/// The two values of a difference, shortened; `nil` where there is none or none is to be kept.
public struct DifferenceExample: Hashable, Sendable, Codable {
    public var baseline: String?
    public var candidate: String?

    public init(baseline: String?, candidate: String?) {
        self.baseline = baseline
        self.candidate = candidate
    }
}

struct Difference: Sendable, Equatable {
    var key: DifferenceKey
    var example: DifferenceExample
}

/// How one answer differs from the primary one. Each place is in it once, however many elements of an array differ
/// there, so that counts of answers come of it.
struct AnswerDifferences: Sendable, Equatable {
    private(set) var differences: [Difference] = []
    private(set) var limits: Set<ComparisonLimit> = []
    /// Whether bodies were compared: not when the statuses differ, a body was longer than the limit, or none are to be.
    var isBodyCompared = false
    private var seen: Set<DifferenceKey> = []

    /// All that was to be compared was, and is equal.
    var isEqual: Bool { differences.isEmpty && limits.isEmpty }

    mutating func reach(_ limit: ComparisonLimit) { limits.insert(limit) }

    /// - Parameter example: asked only when the place is new.
    /// - Returns: `false` when no more are taken.
    @discardableResult
    mutating func add(_ key: DifferenceKey, maxDifferences: Int, example: () -> DifferenceExample) -> Bool {
        guard !seen.contains(key) else { return true }
        guard differences.count < maxDifferences else {
            limits.insert(.differences)
            return false
        }
        seen.insert(key)
        differences.append(Difference(key: key, example: example()))
        return true
    }
}

/// Bytes of strangers as short text that harms no terminal.
enum BoundedText {
    /// The first `limit` bytes at most, cut between characters and then ended with `…`; what is not UTF-8 and control
    /// characters become U+FFFD. `nil` when `limit` is 0.
    static func make(_ bytes: some Collection<UInt8>, limit: Int) -> String? {
        guard limit > 0 else { return nil }
        let text = clean(String(decoding: bytes.prefix(limit), as: UTF8.self))
        guard bytes.count > limit else { return text }
        // A character cut in two would show as a replacement that is not in the value.
        let whole = bytes.prefix(limit).reversed().drop { $0 & 0xC0 == 0x80 }
        let cut = whole.first.map { $0 >= 0xC0 } ?? false ? Array(whole.dropFirst().reversed()) : nil
        return (cut.map { clean(String(decoding: $0, as: UTF8.self)) } ?? text) + "…"
    }

    static func clean(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { clean.append(isControl(scalar) ? "\u{FFFD}" : scalar) }
        return String(clean)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar == "\u{2028}" || scalar == "\u{2029}"
    }
}
