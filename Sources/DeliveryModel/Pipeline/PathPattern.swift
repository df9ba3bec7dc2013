/// A pattern for paths below a directory, as in a service file's `paths` and `cache.key`.
///
/// `*` is any run of characters within one part, `?` one character, `[a-z]` and `[!a-z]` one of a set, `**` any number
/// of whole parts. A pattern that matches a directory matches all below it. Letters count as they are written.
/// Matching takes time proportional to the product of both lengths.
public struct PathPattern: Sendable, Equatable, CustomStringConvertible {
    /// Most bytes of a pattern.
    public static let lengthLimit = 1024

    private enum Part: Sendable, Equatable {
        case anyParts
        case named([Character])
    }

    public let description: String
    private let parts: [Part]

    /// - Returns: `nil` when it is empty, too long, absolute, or leaves the directory with `..`.
    public init?(_ text: String) {
        guard (1...Self.lengthLimit).contains(text.utf8.count), !text.hasPrefix("/") else { return nil }
        let names = text.split(separator: "/").filter { $0 != "." }
        guard !names.contains(".."), !names.isEmpty || text == "." || text == "./" else { return nil }
        description = text
        // `.` is the directory itself, and so all that is in it.
        parts = names.isEmpty ? [.anyParts] : names.map { $0 == "**" ? .anyParts : .named(Array($0)) }
    }

    /// - Parameter path: relative, with `/`, without `.` and `..`.
    public func matches(_ path: String) -> Bool {
        let names = path.split(separator: "/").map { Array($0) }
        guard !names.isEmpty else { return false }
        // reached[i]: the first i parts of the pattern can match the names so far.
        var reached = [Bool](repeating: false, count: parts.count + 1)
        reached[0] = true
        spread(&reached)
        for name in names {
            var next = [Bool](repeating: false, count: parts.count + 1)
            for (index, part) in parts.enumerated() where reached[index] {
                switch part {
                case .anyParts: next[index] = true
                case .named(let pattern): if Self.matches(pattern, name) { next[index + 1] = true }
                }
            }
            spread(&next)
            // Matched before the end: what is below a match belongs to it.
            if next[parts.count] { return true }
            reached = next
        }
        return false
    }

    /// `**` may stand for no part at all.
    private func spread(_ reached: inout [Bool]) {
        for (index, part) in parts.enumerated() where reached[index] && part == .anyParts { reached[index + 1] = true }
    }

    /// One part, with one way back to the last `*`: a second is never needed.
    private static func matches(_ pattern: [Character], _ name: [Character]) -> Bool {
        var (at, here) = (0, 0)
        var star: (pattern: Int, name: Int)?
        while here < name.count {
            if at < pattern.count, pattern[at] == "*" {
                star = (at, here)
                at += 1
            } else if let width = width(pattern, at, name[here]) {
                at += width
                here += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                at = last.pattern + 1
                here = last.name + 1
            } else {
                return false
            }
        }
        while at < pattern.count, pattern[at] == "*" { at += 1 }
        return at == pattern.count
    }

    /// How many characters of the pattern stand for this one of the name; `nil`: none do.
    private static func width(_ pattern: [Character], _ at: Int, _ character: Character) -> Int? {
        guard at < pattern.count else { return nil }
        switch pattern[at] {
        case "?": return 1
        case "[":
            guard let set = set(pattern, at) else { return character == "[" ? 1 : nil }
            return set.contains(character) ? set.width : nil
        default: return pattern[at] == character ? 1 : nil
        }
    }

    private struct CharacterSet {
        var ranges: [ClosedRange<Character>] = []
        var negated = false
        var width = 0

        func contains(_ character: Character) -> Bool { ranges.contains { $0.contains(character) } != negated }
    }

    /// The set that begins at `[`; `nil` when it has no end and so is a character like others.
    private static func set(_ pattern: [Character], _ start: Int) -> CharacterSet? {
        var set = CharacterSet()
        var at = start + 1
        if at < pattern.count, pattern[at] == "!" || pattern[at] == "^" {
            set.negated = true
            at += 1
        }
        let first = at
        while at < pattern.count {
            if pattern[at] == "]", at > first {
                set.width = at + 1 - start
                return set
            }
            if at + 2 < pattern.count, pattern[at + 1] == "-", pattern[at + 2] != "]", pattern[at] <= pattern[at + 2] {
                set.ranges.append(pattern[at]...pattern[at + 2])
                at += 3
            } else {
                set.ranges.append(pattern[at]...pattern[at])
                at += 1
            }
        }
        return nil
    }
}
