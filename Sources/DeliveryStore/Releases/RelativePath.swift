/// Paths inside a release, judged by their text alone.
enum RelativePath {
    /// The components of a path that stays below its root, without `.`; `nil` when it is absolute, has `..` or a zero
    /// byte, or is
    /// longer or deeper than the limits.
    static func components(_ path: String) -> [String]? {
        guard !path.hasPrefix("/"), !path.utf8.contains(0), path.utf8.count <= ReleaseLimits.pathBytes else {
            return nil
        }
        let parts = path.split(separator: "/").filter { $0 != "." }.map(String.init)
        guard !parts.contains(".."), parts.count <= ReleaseLimits.depth else { return nil }
        return parts
    }

    /// Whether a link at `link` (relative to the root) with this target points to the root or below it, taken as text.
    static func staysInside(link: [String], target: String) -> Bool {
        guard !target.isEmpty, !target.hasPrefix("/"), !target.utf8.contains(0),
            target.utf8.count <= ReleaseLimits.pathBytes
        else { return false }
        var depth = link.count - 1
        for part in target.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return false }
        }
        return true
    }
}
