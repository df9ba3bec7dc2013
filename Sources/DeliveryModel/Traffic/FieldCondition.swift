/// What a named field of a request (header, cookie, parameter of the query) must be like. JSON form:
/// `{"name": "x-beta", "equals": "1"}`, with one of `equals`, `prefix`, `regex` and `present`.
public struct FieldCondition: Sendable, Equatable {
    public enum Test: Sendable, Equatable {
        case equals(String)
        case prefix(String)
        /// A regular expression that is found anywhere in the value; `^` and `$` anchor it.
        case regex(String)
        /// `false`: the request must not have it.
        case present(Bool)
    }

    /// A header's name is compared without case, that of a cookie or parameter as it stands.
    public var name: String
    /// Where a request has the field several times, one that passes is enough.
    public var test: Test

    public init(name: String, _ test: Test) {
        self.name = name
        self.test = test
    }
}

extension FieldCondition: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable { case name, equals, prefix, regex, present }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        let tests = CodingKeys.allCases.filter { $0 != .name && values.contains($0) }
        guard tests.count == 1, let key = tests.first else {
            let found = tests.isEmpty ? "none" : tests.map(\.rawValue).joined(separator: " and ")
            throw values.mistake(
                tests.last ?? .name, "a condition has exactly one of equals, prefix, regex and present, found \(found)")
        }
        switch key {
        case .present: test = .present(try values.decode(Bool.self, forKey: key))
        case .prefix: test = .prefix(try values.decode(String.self, forKey: key))
        case .regex: test = .regex(try values.decode(String.self, forKey: key))
        default: test = .equals(try values.decode(String.self, forKey: key))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        switch test {
        case .equals(let text): try values.encode(text, forKey: .equals)
        case .prefix(let text): try values.encode(text, forKey: .prefix)
        case .regex(let text): try values.encode(text, forKey: .regex)
        case .present(let wanted): try values.encode(wanted, forKey: .present)
        }
    }
}
