/// How many single-character changes (insert, remove, replace, swap of neighbours) make one word of another.
///
/// Optimal string alignment distance, which counts the swap that typing slips make as one.
public enum EditDistance {
    /// Words beyond this length are not compared: no key is that long.
    static let longestWord = 64

    static func between(_ left: String, _ right: String) -> Int {
        let (source, target) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
        guard !source.isEmpty, !target.isEmpty else { return max(source.count, target.count) }
        var beforePrevious = [Int](repeating: 0, count: target.count + 1)
        var previous = Array(0...target.count)
        for row in 1...source.count {
            var current = [row] + [Int](repeating: 0, count: target.count)
            for column in 1...target.count {
                let same = source[row - 1] == target[column - 1]
                current[column] = min(
                    previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (same ? 0 : 1))
                if row > 1, column > 1, source[row - 1] == target[column - 2], source[row - 2] == target[column - 1] {
                    current[column] = min(current[column], beforePrevious[column - 2] + 1)
                }
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[target.count]
    }

    /// - Returns: the candidate nearest to `word`, ignoring case, `-` and `_`; `nil` when none is near enough to be a
    ///   slip.
    public static func nearest(to word: String, among candidates: [String]) -> String? {
        guard word.unicodeScalars.count <= longestWord else { return nil }
        func plain(_ text: String) -> String { String(text.lowercased().filter { $0 != "-" && $0 != "_" }) }
        let wanted = plain(word)
        let scored = candidates.map { (candidate: $0, distance: between(wanted, plain($0))) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, min(wanted.count, best.candidate.count) / 3) ? best.candidate : nil
    }
}
