/// As much of JSON as a schema needs, in a fixed order of keys.
indirect enum SchemaValue: Sendable {
    case text(String)
    /// A number or truth value, already written as JSON.
    case raw(String)
    case array([SchemaValue])
    case object([(String, SchemaValue)])

    func rendered(indentation: Int) -> String {
        let inner = String(repeating: "  ", count: indentation + 1)
        let outer = String(repeating: "  ", count: indentation)
        switch self {
        case .text(let text): return Self.quoted(text)
        case .raw(let json): return json
        case .array(let values):
            return "[" + values.map { $0.rendered(indentation: indentation + 1) }.joined(separator: ", ") + "]"
        case .object(let members):
            let lines = members.map { "\(inner)\(Self.quoted($0)): \($1.rendered(indentation: indentation + 1))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
        }
    }

    private static func quoted(_ text: String) -> String {
        "\""
            + text.unicodeScalars.map { scalar in
                switch scalar {
                case "\"": "\\\""
                case "\\": "\\\\"
                default:
                    scalar.value < 32
                        ? "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16) : String(scalar)
                }
            }.joined() + "\""
    }
}
