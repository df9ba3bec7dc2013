/// What a release is found by: the SHA-256 of its OCI manifest, written `sha256:<64 hex digits>`.
public struct ReleaseDigest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let hex: String

    /// - Parameter text: `sha256:` and 64 lower-case hexadecimal digits, or the digits alone.
    /// - Returns: `nil` for anything else.
    public init?(_ text: String) {
        let digits = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
        let isHex = digits.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        guard digits.utf8.count == 64, isHex else { return nil }
        hex = digits
    }

    /// The first 12 digits: enough to tell releases apart when read aloud.
    public var short: String { String(hex.prefix(12)) }
    public var description: String { "sha256:" + hex }
    public static func < (left: Self, right: Self) -> Bool { left.hex < right.hex }
}

extension ReleaseDigest: Codable, CodingKeyRepresentable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let digest = ReleaseDigest(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not a sha256 digest"))
        }
        self = digest
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public var codingKey: any CodingKey { TextKey(description) }
    public init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}
