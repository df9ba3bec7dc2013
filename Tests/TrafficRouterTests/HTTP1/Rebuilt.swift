@testable import TrafficRouter

/// Puts heads together again from the ranges that a parser found in them.
enum Rebuilt {
    /// Equal to the head's bytes if its ranges are right; `nil` if a gap between them holds what it must not.
    static func bytes(_ head: RequestHead) -> [UInt8]? {
        var target = Array(head.bytes[head.path])
        if let authority = head.authority {
            let scheme = head.bytes[head.target.lowerBound..<authority.lowerBound]
            guard ["http://", "https://"].contains(head.string(scheme.indices).lowercased()) else { return nil }
            target = scheme + head.bytes[authority] + target
        }
        if let query = head.query { target += [UInt8(ascii: "?")] + head.bytes[query] }
        guard target == Array(head.bytes[head.target]) else { return nil }
        let version = latin(head.isHTTP10 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n")
        guard let fields = fields(head) else { return nil }
        return Array(head.bytes[head.methodRange]) + [UInt8(ascii: " ")] + target + version + fields
    }

    static func bytes(_ head: ResponseHead) -> [UInt8]? {
        guard let fields = fields(head) else { return nil }
        let start = latin((head.isHTTP10 ? "HTTP/1.0 " : "HTTP/1.1 ") + String(head.status))
        let space = head.reason.lowerBound > start.count ? latin(" ") : []
        return start + space + head.bytes[head.reason] + latin("\r\n") + fields
    }

    /// The field lines and the empty line.
    private static func fields(_ head: some FieldLookup) -> [UInt8]? {
        var result: [UInt8] = []
        var next = head.fields.first?.line.lowerBound
        for field in head.fields {
            guard field.line.lowerBound == next, field.line.upperBound == field.lineEnd else { return nil }
            next = field.lineEnd
            let before = head.bytes[field.name.upperBound + 1..<field.value.lowerBound]
            let behind = head.bytes[field.value.upperBound..<field.lineEnd - 2]
            let value = head.bytes[field.value]
            guard (before + behind).allSatisfy(\.isBlank), value.first?.isBlank != true, value.last?.isBlank != true
            else { return nil }
            result += head.bytes[field.name] + [UInt8(ascii: ":")] + before + value + behind + latin("\r\n")
        }
        return result + latin("\r\n")
    }
}
