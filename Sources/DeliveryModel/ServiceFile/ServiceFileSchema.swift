/// The JSON Schema (draft 2020-12) of `nonevent.yaml`, made from the same table of keys as the parser uses.
///
/// It says all that a schema can say. What it cannot say the parser alone checks: steps that rise and end at 100 %,
/// quantile limits
/// in order, the exact range of a duration.
public enum ServiceFileSchema {
    /// Name under which the schema is published.
    public static let identifier = "https://nonevent.dev/schema/nonevent.schema.json"

    /// The schema as indented JSON, keys in the order in which people write them.
    public static var text: String {
        let body = Self.members(of: ServiceFileKey.file)
        let head: [(String, SchemaValue)] = [
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")), ("$id", .text(identifier)),
            ("title", .text("nonevent.yaml")),
        ]
        return SchemaValue.object(head + body).rendered(indentation: 0) + "\n"
    }

    private static func members(of keys: [ServiceFileKey]) -> [(String, SchemaValue)] {
        let required = keys.filter(\.required).map { SchemaValue.text($0.name) }
        var members: [(String, SchemaValue)] = [
            ("type", .text("object")), ("additionalProperties", .raw("false")),
            (
                "properties",
                .object(
                    keys.map { key in
                        (key.name, .object([("description", .text(key.summary))] + Self.members(of: key.value)))
                    })
            ),
        ]
        if !required.isEmpty { members.append(("required", .array(required))) }
        return members
    }

    private static func members(of value: ServiceFileValue) -> [(String, SchemaValue)] {
        switch value {
        case .mapping(let keys): return members(of: keys)
        case .list(let element, let count):
            return [
                ("type", .text("array")), ("minItems", .raw("\(count.lowerBound)")),
                ("maxItems", .raw("\(count.upperBound)")), ("items", .object(members(of: element))),
            ]
        case .steps:
            let share = SchemaValue.object([
                ("type", .text("string")),
                ("pattern", .text("^(?!0+(\\.0+)?%$)(100(\\.0+)?|[0-9]{1,2}(\\.[0-9]{1,2}0*)?)%$")),
            ])
            return [
                (
                    "oneOf",
                    .array([
                        .object([("const", .text("auto"))]),
                        .object([
                            ("type", .text("array")), ("minItems", .raw("1")), ("maxItems", .raw("100")),
                            ("items", share),
                        ]),
                    ])
                )
            ]
        case .environment:
            return [
                ("type", .text("object")), ("maxProperties", .raw("\(ServiceFileLimits.entries)")),
                (
                    "propertyNames",
                    .object([("pattern", .text("^(?!PORT$)(?!NONEVENT_)[A-Za-z_][A-Za-z0-9_]*$"))])
                ),
                ("additionalProperties", .object([("type", anyScalar)])),
            ]
        case .text(let form):
            guard let pattern = form.pattern else { return [("type", anyScalar)] }
            return [("type", .text("string")), ("pattern", .text(pattern))]
        case .choice(let words): return [("enum", .array(words.map(SchemaValue.text)))]
        case .integer(let range):
            return [
                ("type", .text("integer")), ("minimum", .raw("\(range.lowerBound)")),
                ("maximum", .raw("\(range.upperBound)")),
            ]
        case .number(let range):
            return [
                ("type", .text("number")), ("minimum", .raw("\(range.lowerBound)")),
                ("maximum", .raw("\(range.upperBound)")),
            ]
        case .duration(let range):
            let nonzero = range.lowerBound > .zero ? "(?!0+[a-z])" : ""
            return [("type", .text("string")), ("pattern", .text("^\(nonzero)[0-9]+(ms|s|m|h|d)$"))]
        case .ratio:
            return [
                ("type", .text("string")), ("pattern", .text("^(?!0+(\\.0+)?%$)[0-9]{1,2}(\\.[0-9]{1,6})?%$")),
            ]
        }
    }

    /// YAML reads an unquoted `8080` or `true` as a number or a truth value; as text both are welcome.
    private static let anyScalar = SchemaValue.array(["string", "number", "boolean"].map(SchemaValue.text))
}

/// As much of JSON as a schema needs, in a fixed order of keys.
private indirect enum SchemaValue: Sendable {
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
