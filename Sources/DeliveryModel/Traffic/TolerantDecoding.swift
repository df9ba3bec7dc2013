/// What has a default may be left out: people write tables by hand, and stored ones are older than the newest keys.
extension KeyedDecodingContainer {
    func value<Value: Decodable>(_ key: Key, or fallback: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? fallback
    }

    /// A number of seconds.
    func seconds(_ key: Key, or fallback: Duration) throws -> Duration { try seconds(key) ?? fallback }

    /// A number of seconds, if there is one.
    func seconds(_ key: Key) throws -> Duration? { try decodeIfPresent(InSeconds.self, forKey: key)?.wrappedValue }

    func mistake(_ key: Key, _ text: String) -> DecodingError {
        .dataCorruptedError(forKey: key, in: self, debugDescription: text)
    }

    // Called by code that the compiler writes for properties with the wrapper.
    public func decode(_ type: InSecondsIfSet.Type, forKey key: Key) throws -> InSecondsIfSet {
        InSecondsIfSet(wrappedValue: try seconds(key))
    }
}

extension KeyedEncodingContainer {
    // Called by code that the compiler writes for properties with the wrapper.
    public mutating func encode(_ value: InSecondsIfSet, forKey key: Key) throws {
        try encodeIfPresent(value.wrappedValue.map(InSeconds.init(wrappedValue:)), forKey: key)
    }
}

/// Stores and sends a `Duration` as a number of seconds, and leaves the key out where there is none.
@propertyWrapper
public struct InSecondsIfSet: Sendable, Hashable, Codable {
    public var wrappedValue: Duration?

    public init(wrappedValue: Duration?) { self.wrappedValue = wrappedValue }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(InSeconds.self).wrappedValue
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue.inSeconds) } else { try container.encodeNil() }
    }
}
