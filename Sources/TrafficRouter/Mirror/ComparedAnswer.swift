/// One answer, as far as it is kept for the comparison.
struct ComparedAnswer: Sendable, Equatable {
    struct Field: Sendable, Equatable {
        /// In any case.
        var name: String
        var value: [UInt8]
    }

    /// 100 to 599.
    var status: Int
    var fields: [Field]
    /// The body's first bytes; all of it when `isWhole`.
    private(set) var body: [UInt8]
    /// All bytes of the body, kept or not.
    private(set) var bodyLength: UInt64

    init(status: Int, fields: [Field] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
        bodyLength = UInt64(body.count)
    }

    var isWhole: Bool { bodyLength == UInt64(body.count) }

    /// Keeps as much of the body as the limit allows and counts the rest.
    ///
    /// A body that passes the limit is not compared, so what was kept of it is let go.
    mutating func appendBody(_ bytes: Span<UInt8>, limit: Int) {
        let wasWhole = isWhole
        bodyLength += UInt64(bytes.count)
        guard wasWhole else { return }
        if body.count + bytes.count <= limit {
            bytes.withUnsafeBufferPointer { body.append(contentsOf: $0) }
        } else {
            body = []
        }
    }

    /// Values of all fields with this name, without white space around them.
    /// - Parameter name: in lower case.
    func values(_ name: String) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for field in fields where Self.isNamed(field.name, name) { values.append(Self.trimmed(field.value)) }
        return values
    }

    /// - Parameter name: in lower case.
    private static func isNamed(_ field: String, _ name: String) -> Bool {
        field.utf8.count == name.utf8.count
            && zip(field.utf8, name.utf8).allSatisfy { one, two in
                one == two || ((0x41...0x5A).contains(one) && one | 0x20 == two)
            }
    }

    /// Whether the body says that it is JSON: `application/json`, `text/json`, or a `+json` suffix (RFC 6839).
    var isJSON: Bool {
        guard let type = values("content-type").first else { return false }
        let media = Self.trimmed(Array(type.prefix { $0 != UInt8(ascii: ";") }))
        let text = String(decoding: media, as: UTF8.self).lowercased()
        return text == "application/json" || text == "text/json" || text.hasSuffix("+json")
    }

    /// Whether the body's bytes are not what the media type says, but compressed.
    var isEncoded: Bool {
        values("content-encoding").contains { String(decoding: $0, as: UTF8.self).lowercased() != "identity" }
    }

    private static func trimmed(_ value: [UInt8]) -> [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        guard let first = value.firstIndex(where: { !isSpace($0) }), let last = value.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return first == 0 && last == value.count - 1 ? value : Array(value[first...last])
    }
}
