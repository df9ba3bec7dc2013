/// What is compared, and how far.
struct ComparisonOptions: Sendable, Equatable {
    /// Default `true`. If not, bodies are compared even when the statuses differ.
    var comparesStatus = true
    /// Header fields that are compared, in lower case. Default: those that change what a client does with the answer.
    var headers: [String] = ["content-type", "location", "cache-control"]
    /// Default `true`.
    var comparesBodies = true
    /// Places in JSON bodies that are left out. Default none.
    var ignored: [JSONPathPattern] = []
    /// Bytes of a body that are kept; a longer body is not compared. Default 64 KiB.
    var maxBodyBytes = 65_536
    /// Nesting of arrays and objects. Default 64.
    var maxDepth = 64
    /// Values in one JSON body, arrays and objects counted with what is in them. Default 2,000.
    var maxFields = 2_000
    /// Different places reported of one answer. Default 256.
    var maxDifferences = 256
    /// Bytes of the two values shown of a difference; 0: none are kept, for answers that nobody may read. Default 80.
    var maxExampleBytes = 80
    /// Bytes of a path; what is deeper is counted for the part that fits. Default 256.
    var maxPathBytes = 256

    init() {}

    /// Whether a header field is needed for a comparison, so that no others need to be kept.
    func wants(header name: String) -> Bool {
        let name = name.lowercased()
        return headers.contains(name) || name == "content-type" || name == "content-encoding"
    }
}

/// Why an answer was not compared in full.
public enum ComparisonLimit: String, Sendable, Hashable, Codable, CaseIterable {
    /// A body was longer than `maxBodyBytes`, so bodies were not compared.
    case bodyBytes
    /// A body was nested more deeply than `maxDepth`; bodies were compared as bytes.
    case depth
    /// A body had more values than `maxFields`; bodies were compared as bytes.
    case fields
    /// There were more differences than `maxDifferences`; the rest was not looked for.
    case differences
    /// A path was longer than `maxPathBytes`.
    case pathBytes
    /// A JSON body came with a content encoding, such as gzip; bodies were compared as bytes.
    case contentEncoding
}
