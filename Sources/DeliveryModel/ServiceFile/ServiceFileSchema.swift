/// The JSON Schema (draft 2020-12) of `nonevent.yaml`, made from the same table of keys as the parser uses.
///
/// It says all that a schema can say. What it cannot say the parser alone checks: steps that rise and end at 100 %,
/// quantile limits in order, the exact range of a duration or size, the form of a metric's query where `source` is not
/// written, whether a regular expression is valid, bits of an address range that are set after its prefix, names of
/// stages and what they need, times of a freeze that do not go together, and whether a date or a time zone exists.
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

    private static func members(
        of keys: [ServiceFileKey], _ relations: [ServiceFileRelation] = []
    ) -> [(String, SchemaValue)] {
        let required = keys.filter(\.required).map { SchemaValue.text($0.name) }
        var members: [(String, SchemaValue)] = [
            ("type", .text("object")), ("additionalProperties", .raw("false")),
            (
                "properties",
                .object(
                    keys.filter(\.isAllowed).map { key in
                        (key.name, .object([("description", .text(key.summary))] + Self.members(of: key.value)))
                    })
            ),
        ]
        if !required.isEmpty { members.append(("required", .array(required))) }
        if !relations.isEmpty { members.append(("allOf", .array(relations.map(\.schema)))) }
        return members
    }

    private static func members(of value: ServiceFileValue) -> [(String, SchemaValue)] {
        switch value {
        case .mapping(let keys, let relations): return members(of: keys, relations)
        case .list(let element, let count):
            return [
                ("type", .text("array")), ("minItems", .raw("\(count.lowerBound)")),
                ("maxItems", .raw("\(count.upperBound)")), ("items", .object(members(of: element))),
            ]
        case .steps:
            let share = SchemaValue.object(members(of: .share(Share(clamping: 1)...Share.all)))
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
        case .names(let form, let value, let limit):
            return [
                ("type", .text("object")), ("maxProperties", .raw("\(limit)")),
                ("propertyNames", .object([("pattern", .text(form.pattern))])),
                ("additionalProperties", .object(members(of: value))),
            ]
        case .toggle: return toggle
        case .toggleOr(let keys, let relations):
            return [("oneOf", .array([.object(toggle), .object(members(of: keys, relations))]))]
        case .text(let form):
            guard let pattern = form.pattern else { return [("type", anyScalar)] }
            // `run: true` is a command like any other.
            if form == .script { return [("type", anyScalar), ("pattern", .text(pattern))] }
            return [("type", .text("string")), ("pattern", .text(pattern))]
        case .textOrWords(let form, let count):
            return [
                (
                    "oneOf",
                    .array([
                        .object(members(of: .text(form))),
                        .object(members(of: .list(of: .text(.argument), count: count))),
                    ])
                )
            ]
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
        case .fraction:
            return [("type", .text("number")), ("exclusiveMinimum", .raw("0")), ("exclusiveMaximum", .raw("1"))]
        case .share(let range):
            let nonzero = range.lowerBound > .none ? "(?!0+(\\.0+)?%$)" : ""
            return [
                ("type", .text("string")),
                ("pattern", .text("^\(nonzero)(100(\\.0+)?|[0-9]{1,2}(\\.[0-9]{1,2}0*)?)%$")),
            ]
        case .size(let range):
            let nonzero = range.lowerBound > 0 ? "(?!0+[A-Z])" : ""
            return [("type", .text("string")), ("pattern", .text("^\(nonzero)[0-9]+(B|KiB|MiB|GiB)$"))]
        case .refused: return []
        case .duration(let range):
            let nonzero = range.lowerBound > .zero ? "(?!0+[a-z])" : ""
            return [("type", .text("string")), ("pattern", .text("^\(nonzero)[0-9]+(ms|s|m|h|d)$"))]
        case .ratio:
            return [
                ("type", .text("string")), ("pattern", .text("^(?!0+(\\.0+)?%$)[0-9]{1,2}(\\.[0-9]{1,6})?%$")),
            ]
        }
    }

    /// `on` and `off` are texts to some readers of YAML and truth values to others.
    private static let toggle: [(String, SchemaValue)] = [
        ("enum", .array([.text("on"), .text("off"), .raw("true"), .raw("false")]))
    ]

    /// YAML reads an unquoted `8080` or `true` as a number or a truth value; as text both are welcome.
    private static let anyScalar = SchemaValue.array(["string", "number", "boolean"].map(SchemaValue.text))
}
