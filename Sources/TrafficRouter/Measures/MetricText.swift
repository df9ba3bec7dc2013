/// Metric families as Prometheus reads them
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
struct MetricText {
    private(set) var text = ""

    /// - Parameters:
    ///   - name: without the prefix, ending with `_total`.
    ///   - help: a sentence without line feeds and backslashes.
    mutating func counter(_ name: String, _ help: String, _ samples: [MetricSample]) {
        family(name, "counter", help, samples)
    }

    mutating func gauge(_ name: String, _ help: String, _ samples: [MetricSample]) {
        family(name, "gauge", help, samples)
    }

    private mutating func family(_ name: String, _ type: String, _ help: String, _ samples: [MetricSample]) {
        let name = "nonevent_router_" + name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        for sample in samples {
            for (labels, value) in sample.lines { text += "\(name)\(labels) \(value)\n" }
        }
    }

    /// A label's value as it stands between quotation marks.
    static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { [0x22, 0x5C, 0x0A].contains($0) }) else { return value }
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// Values of one family under the same labels.
struct MetricSample {
    /// Text of the labels, braces included, and the value.
    let lines: [(labels: String, value: String)]

    init(labels: [(name: String, value: String)] = [], _ value: UInt64) {
        lines = [(Self.text(labels), "\(value)")]
    }

    init(labels: [(name: String, value: String)], seconds: Double) {
        lines = [(Self.text(labels), "\(seconds)")]
    }

    /// A line for each key, in order, with the key as value of one more label.
    init(labels: [(name: String, value: String)] = [], _ values: [String: UInt64], _ label: String) {
        lines = values.sorted { $0.key < $1.key }.map { (Self.text(labels + [(label, $0.key)]), "\($0.value)") }
    }

    private static func text(_ labels: [(name: String, value: String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(MetricText.escaped($0.value))\"" }.joined(separator: ",") + "}"
    }
}
