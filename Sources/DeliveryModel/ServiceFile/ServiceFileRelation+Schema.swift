extension ServiceFileRelation {
    /// The relation as a schema, for `allOf`. A key that is not written passes: what it stands for may depend on
    /// another part of the file.
    var schema: SchemaValue {
        switch self {
        case .together(let left, let right):
            return .object([
                ("dependentRequired", .object([(left, .array([.text(right)])), (right, .array([.text(left)]))]))
            ])
        case .apart(let name, let others, _):
            return .object([
                (
                    "not",
                    .object([
                        ("required", .array([.text(name)])), ("anyOf", .array(others.map(Self.written))),
                    ])
                )
            ])
        case .only(let name, let other, let value, _):
            return .object([
                ("if", Self.property(other, .object([("const", .text(value))]))),
                ("else", Self.property(name, .raw("false"))),
            ])
        case .unless(let name, let other, let value, _):
            let wanted = Self.properties(other, .object([("const", .text(value))]))
            return .object([
                ("if", .object([wanted, ("required", .array([.text(other)]))])),
                ("then", Self.property(name, .raw("false"))),
            ])
        case .needed(let name, let other, let value):
            let wanted = Self.properties(other, .object([("const", .text(value))]))
            return .object([
                ("if", .object([wanted, ("required", .array([.text(other)]))])), ("then", Self.written(name)),
            ])
        case .filled(let list, let name, _):
            let filled = Self.properties(list, .object([("minItems", .raw("1"))]))
            return .object([
                ("if", Self.written(name)), ("then", .object([filled, ("required", .array([.text(list)]))])),
            ])
        case .some(let names, _): return .object([("anyOf", .array(names.map(Self.written)))])
        case .one(let names, _): return .object([("oneOf", .array(names.map(Self.written)))])
        case .ordered: return .object([])
        case .form(let name, let form, let other, let value):
            let wanted = Self.properties(other, .object([("const", .text(value))]))
            return .object([
                ("if", .object([wanted, ("required", .array([.text(other)]))])),
                ("then", Self.property(name, .object([("pattern", .text(form.pattern ?? ""))]))),
            ])
        case .entries(let list, let name, let value, let needed):
            let unlike = SchemaValue.object([("not", .object([("const", .text(value))]))])
            return .object([
                ("if", .object([("not", Self.written(needed))])),
                ("then", Self.property(list, .object([("additionalProperties", Self.property(name, unlike))]))),
            ])
        }
    }

    private static func written(_ name: String) -> SchemaValue { .object([("required", .array([.text(name)]))]) }

    private static func property(_ name: String, _ schema: SchemaValue) -> SchemaValue {
        .object([properties(name, schema)])
    }

    private static func properties(_ name: String, _ schema: SchemaValue) -> (String, SchemaValue) {
        ("properties", .object([(name, schema)]))
    }
}
