import DeliveryModel

/// Version 1 of the PROXY protocol: one line of text (section 2.1).
enum ProxyTextHeader {
    static func parse(_ input: Span<UInt8>) throws(ProxyHeader.Flaw) -> ProxyHeader? {
        let start: StaticString = "PROXY "
        for index in 0..<min(input.count, 6) where input[index] != start.utf8Start[index] { throw .missing }
        let most = min(input.count, ProxyHeader.maxTextBytes)
        let lineFeed = input.lineFeed(from: 0, to: most)
        guard lineFeed < most else {
            if input.count >= ProxyHeader.maxTextBytes { throw .tooLong }
            return nil
        }
        guard lineFeed > 6, input[lineFeed - 1] == Byte.carriageReturn else { throw .malformed }
        var words: [String] = []
        var word = ""
        for position in 6..<lineFeed - 1 {
            let byte = input[position]
            guard byte >= Byte.space, byte < Byte.delete else { throw .malformed }
            if byte == Byte.space {
                words.append(word)
                word = ""
            } else {
                word.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        words.append(word)
        return ProxyHeader(source: try source(words), length: lineFeed + 1)
    }

    private static func source(_ words: [String]) throws(ProxyHeader.Flaw) -> ProxyHeader.Source {
        if words.first == "UNKNOWN" { return .own }
        guard words.count == 5, words[0] == "TCP4" || words[0] == "TCP6",
            let source = IPAddress(words[1]), IPAddress(words[2]) != nil,
            let port = Self.port(words[3]), Self.port(words[4]) != nil
        else { throw .malformed }
        let isIPv4 = words[0] == "TCP4"
        // An IPv6 address that stands for an IPv4 one is written as IPv6.
        guard isIPv4 != words[1].contains(":"), isIPv4 != words[2].contains(":") else {
            throw .malformed
        }
        return .address(bytes(source), port: port)
    }

    /// Decimal without leading zeros.
    private static func port(_ text: String) -> UInt16? {
        guard text == "0" || !text.hasPrefix("0"), text.utf8.allSatisfy(\.isDigit) else { return nil }
        return UInt16(text)
    }

    private static func bytes(_ address: IPAddress) -> [UInt8] {
        let words = address.isIPv4 ? [address.low << 32] : [address.high, address.low]
        let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) } }
        return Array(bytes.prefix(address.isIPv4 ? 4 : 16))
    }
}
