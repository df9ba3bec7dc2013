/// What a balancer before the router tells about a connection: the PROXY protocol, versions 1 and 2
/// (https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt).
struct ProxyHeader: Equatable, Sendable {
    enum Source: Equatable, Sendable {
        /// The connection's own addresses hold: a health check of the balancer, or a family that it does not know.
        case own
        /// 4 or 16 bytes in network order.
        case address([UInt8], port: UInt16)
        /// Over a Unix socket.
        case unix
    }

    let source: Source
    /// Of the header, in bytes: what follows is the client's.
    let length: Int

    enum Flaw: String, Error, CaseIterable, Sendable {
        /// Neither version begins so.
        case missing = "proxy_header_missing"
        case malformed = "proxy_header_malformed"
        case tooLong = "proxy_header_too_long"
        case timeout = "proxy_header_timeout"
    }

    /// Longest header of version 1, its CRLF included (section 2.1).
    static var maxTextBytes: Int { 107 }
    /// Longest header of version 2; longer ones could only carry things that are not looked at here.
    static var maxBinaryBytes: Int { 4_096 }

    static var signature: [UInt8] { [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A] }

    /// Reads the header that `input` begins with; `nil` if more bytes are needed.
    static func parse(_ input: Span<UInt8>) throws(Flaw) -> ProxyHeader? {
        guard input.count > 0 else { return nil }
        if input[0] == UInt8(ascii: "P") { return try ProxyTextHeader.parse(input) }
        let signature = signature
        for index in 0..<min(signature.count, input.count) where input[index] != signature[index] {
            throw .missing
        }
        guard input.count >= 16 else { return nil }
        return try parseBinary(input)
    }

    /// Section 2.2.
    private static func parseBinary(_ input: Span<UInt8>) throws(Flaw) -> ProxyHeader? {
        guard input[12] >> 4 == 2 else { throw .malformed }
        let (command, family) = (input[12] & 0xF, input[13])
        let length = 16 + Int(input[14]) << 8 + Int(input[15])
        guard length <= maxBinaryBytes else { throw .tooLong }
        guard command <= 1, family >> 4 <= 3, family & 0xF <= 2 else { throw .malformed }
        guard input.count >= length else { return nil }
        // LOCAL: whatever is said about addresses is to be passed over.
        guard command == 1 else { return ProxyHeader(source: .own, length: length) }
        let source: Source
        let end: Int
        switch family {
        case 0x11:
            (source, end) = (try address(input, 4, length), 16 + 12)
        case 0x21:
            (source, end) = (try address(input, 16, length), 16 + 36)
        case 0x31, 0x32:
            guard length >= 16 + 216 else { throw .malformed }
            (source, end) = (.unix, 16 + 216)
        case 0x00:
            return ProxyHeader(source: .own, length: length)
        default:
            // Datagrams cannot have led to a connection.
            throw .malformed
        }
        try checkExtensions(input, end..<length)
        return ProxyHeader(source: source, length: length)
    }

    private static func address(_ input: Span<UInt8>, _ width: Int, _ length: Int) throws(Flaw) -> Source {
        guard length >= 16 + 2 * width + 4 else { throw .malformed }
        var bytes: [UInt8] = []
        for index in 16..<16 + width { bytes.append(input[index]) }
        let port = 16 + 2 * width
        return .address(bytes, port: UInt16(input[port]) << 8 | UInt16(input[port + 1]))
    }

    /// Type, length and value, one behind another up to the end (section 2.2.1); what they say is passed over.
    private static func checkExtensions(_ input: Span<UInt8>, _ range: Range<Int>) throws(Flaw) {
        var position = range.lowerBound
        while position < range.upperBound {
            guard position + 3 <= range.upperBound else { throw .malformed }
            position += 3 + Int(input[position + 1]) << 8 + Int(input[position + 2])
        }
        guard position == range.upperBound else { throw .malformed }
    }
}
