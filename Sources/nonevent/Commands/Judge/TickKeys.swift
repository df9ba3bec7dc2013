import DeliveryModel

/// Looks at the names in a tick alone: a slip such as `errors` for `bad` would otherwise pass for "none".
struct TickKeys: Decodable {
    /// A name that no tick has.
    struct Unknown: Error {
        var words: String
    }

    private static let tick = [
        "t", "candidate", "baseline", "share", "counts", "gauges", "failures", "phi", "phiSource", "verdict",
    ]
    private static let arm = ["requests", "bad", "latency"]
    private static let counts = ["candidate", "baseline", "share"]
    private static let gauge = ["candidate", "baseline"]

    /// - Throws: ``Unknown``.
    init(from decoder: any Decoder) throws {
        let tick = try decoder.container(keyedBy: Name.self)
        // Later versions may add parts to a tick: here only what looks like a slip is refused.
        try Self.check(tick, Self.tick, at: "", onlySlips: true)
        for name in ["candidate", "baseline"] {
            guard let arm = try? tick.nestedContainer(keyedBy: Name.self, forKey: Name(name)) else { continue }
            try Self.check(arm, Self.arm, at: name + ".")
        }
        for (group, allowed) in [("counts", Self.counts), ("gauges", Self.gauge)] {
            guard let metrics = try? tick.nestedContainer(keyedBy: Name.self, forKey: Name(group)) else { continue }
            for metric in metrics.allKeys {
                guard let parts = try? metrics.nestedContainer(keyedBy: Name.self, forKey: metric) else { continue }
                try Self.check(parts, allowed, at: "\(group).\(metric.stringValue).")
            }
        }
    }

    private static func check(
        _ values: KeyedDecodingContainer<Name>, _ allowed: [String], at place: String, onlySlips: Bool = false
    ) throws {
        for name in values.allKeys.map(\.stringValue).sorted() where !allowed.contains(name) {
            let nearest = EditDistance.nearest(to: name, among: allowed)
            if onlySlips, nearest == nil { continue }
            let meant = nearest.map { "; did you mean \"\($0)\"?" } ?? ""
            throw Unknown(
                words: "unknown name \"\(place)\(name.prefix(100))\"; expected one of "
                    + allowed.joined(separator: ", ") + meant)
        }
    }

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
