/// Turns the fields of an HTTP/2 answer into the head of an HTTP/1 answer, for the same parser as all others.
enum ResponseTranslation {
    /// Appends the head to `head`.
    ///
    /// A body of unknown length is announced as chunked, none at all as one of length 0.
    ///
    /// - Parameter method: of the request that is answered.
    /// - Throws: a flaw of this stream alone.
    static func write(
        _ list: borrowing HeaderList, endStream: Bool, answering method: RequestMethod, to head: inout [UInt8]
    ) throws(HTTP2Flaw) {
        let bytes = list.bytes.span
        guard let first = list.entries.first, bytes.holds(first.name, ":status"), first.value.count == 3 else {
            throw HTTP2Flaw(.pseudoHeader)
        }
        var status = 0
        for position in first.value {
            guard bytes[position].isDigit else { throw HTTP2Flaw(.pseudoHeader) }
            status = status * 10 + Int(bytes[position] - Byte.zero)
        }
        // 101 is not for HTTP/2 (RFC 9113, section 8.6), and an interim answer is followed by another.
        guard status >= 100, status != 101, status >= 200 || !endStream else { throw HTTP2Flaw(.pseudoHeader) }
        head.append("HTTP/1.1 ")
        append(bytes, first.value, to: &head)
        head.append(" \r\n")
        var hasLength = false
        for entry in list.entries.dropFirst() {
            try FieldRules.checkName(bytes, entry.name)
            try FieldRules.checkValue(bytes, entry.value)
            switch KnownField.classify(bytes, entry.name.lowerBound, entry.name.count) {
            case .contentLength: hasLength = true
            case .connection, .keepAlive, .proxyConnection, .transferEncoding, .upgrade:
                throw HTTP2Flaw(.connectionField)
            default: break
            }
            append(bytes, entry.name, to: &head)
            head.append(": ")
            append(bytes, entry.value, to: &head)
            head.append("\r\n")
        }
        let mayHaveBody = status >= 200 && status != 204 && status != 304 && method != .head
        if mayHaveBody, !hasLength {
            head.append(endStream ? "content-length: 0\r\n" : "transfer-encoding: chunked\r\n")
        }
        head.append("\r\n")
    }

    private static func append(_ bytes: Span<UInt8>, _ range: Range<Int>, to head: inout [UInt8]) {
        bytes.extracting(range).withUnsafeBufferPointer { head.append(contentsOf: $0) }
    }
}
