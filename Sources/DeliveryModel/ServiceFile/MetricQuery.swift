/// The placeholders of a metric's query.
public enum MetricQuery {
    /// What may stand between `{{` and `}}`: digest and commit of the release asked about, and the service's name.
    public static let placeholders = ["release", "commit", "service"]

    /// - Parameter required: placeholders of which one must be used; without them, both releases would get the same
    ///   answer.
    static func complaint(about query: String, naming required: [String] = []) -> ServiceFileComplaint? {
        let known = placeholders.map { "{{\($0)}}" }.joined(separator: ", ")
        var used: Set<String> = []
        var rest = query[...]
        while let start = firstPair("{", in: rest) {
            let inner = rest[start...].dropFirst(2)
            guard let end = firstPair("}", in: inner) else {
                return ServiceFileComplaint("a query with '{{' without '}}' after it", expected: "one of \(known)")
            }
            let name = String(inner[..<end])
            guard placeholders.contains(name) else {
                let shown = name.count > 40 ? "\(name.prefix(40))..." : name
                let plain = String(name.filter { !$0.isWhitespace })
                return ServiceFileComplaint(
                    "a query with the unknown placeholder {{\(shown)}}", expected: "one of \(known)",
                    suggestion: EditDistance.nearest(to: plain, among: placeholders).map { "{{\($0)}}" })
            }
            used.insert(name)
            rest = inner[end...].dropFirst(2)
        }
        guard !required.isEmpty, used.isDisjoint(with: required) else { return nil }
        return ServiceFileComplaint(
            "a query that names no release",
            expected: required.map { "{{\($0)}}" }.joined(separator: " or ")
                + " in it: else both releases would be asked the same question")
    }

    /// Where the first two of `brace` in a row begin.
    private static func firstPair(_ brace: Character, in text: Substring) -> Substring.Index? {
        zip(text.indices, text.indices.dropFirst()).first { text[$0] == brace && text[$1] == brace }?.0
    }
}
