import DeliveryModel
import Foundation
import Testing

/// The schema and the Codable model must know the same keys.
@Suite struct RouteTableSchemaTests {
    private func paths(of value: Any, at path: String = "") -> Set<String> {
        if let list = value as? [Any] { return Set(list.flatMap { paths(of: $0, at: path + "[]") }) }
        guard let object = value as? [String: Any] else { return [] }
        return Set(object.flatMap { paths(of: $1, at: "\(path).\($0)").union(["\(path).\($0)"]) })
    }

    private func paths(inSchema schema: Any?, at path: String = "") -> Set<String> {
        guard let schema = schema as? [String: Any] else { return [] }
        var found = paths(inSchema: schema["items"], at: path + "[]")
        for (key, value) in schema["properties"] as? [String: Any] ?? [:] {
            found.formUnion(paths(inSchema: value, at: "\(path).\(key)").union(["\(path).\(key)"]))
        }
        for choice in schema["oneOf"] as? [Any] ?? [] { found.formUnion(paths(inSchema: choice, at: path)) }
        return found
    }

    /// Tables that together have every key, since a condition has only one test.
    private func tables() throws -> [RouteTable] {
        let full = try RouteTableFixture.table()
        let tests: [FieldCondition.Test] = [.equals("a"), .prefix("a"), .regex("a"), .present(false)]
        return [full]
            + tests.map { test in
                var table = full
                let condition = FieldCondition(name: "a", test)
                table.services[0].rules = [
                    RouteRule(
                        header: condition, cookie: condition, query: condition, pathPrefix: "/", pathRegex: "a",
                        release: .baseline)
                ]
                return table
            }
    }

    @Test func everyKeyOfATableIsInTheSchemaAndTheOtherWayRound() throws {
        let schema = try JSONSerialization.jsonObject(with: Data(RouteTableSchema.text.utf8))
        let written = try tables().map { table in
            paths(of: try JSONSerialization.jsonObject(with: try JSONEncoder().encode(table)))
        }
        let ofTables = written.reduce(into: Set<String>()) { $0.formUnion($1) }
        let ofSchema = paths(inSchema: schema)
        #expect(ofTables.subtracting(ofSchema).sorted() == [], "the schema lacks these")
        #expect(ofSchema.subtracting(ofTables).sorted() == [], "only the schema has these")
        #expect(ofSchema.count > 100)
    }

    @Test func everyLimitHasARangeThatHoldsForIt() throws {
        let limits = try RouteTableFixture.table().limits
        let encoded = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(limits)) as? [String: Any]
        #expect(Set(limits.counts.map(\.name) + limits.times.map(\.name)) == Set((encoded ?? [:]).keys))
        for limit in limits.counts {
            #expect(limit.value == encoded?[limit.name] as? Int)
            #expect(limit.range.contains(try #require(limit.value)))
        }
        for limit in limits.times {
            #expect(limit.value?.inSeconds == encoded?[limit.name] as? Double)
            #expect(limit.range.contains(try #require(limit.value)))
        }
    }
}
