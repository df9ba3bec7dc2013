/// Turns the fields of an HTTP/2 request into the head of an HTTP/1 request, so that one parser and one set of rules
/// judge both.
///
/// What HTTP/2 itself forbids is refused here (RFC 9113, section 8), and whatever could end a line early: the text that
/// results has exactly the lines that are meant.
struct RequestTranslation {
    private var method = 0..<0
    private var scheme = 0..<0
    private var path = 0..<0
    private var authority = 0..<0
    private var host = 0..<0
    private var seen: UInt8 = 0
    private var cookies = 0
    private var hasContentLength = false

    private enum Pseudo {
        static var method: UInt8 { 1 }
        static var scheme: UInt8 { 2 }
        static var path: UInt8 { 4 }
        static var authority: UInt8 { 8 }
    }

    /// Appends the head to `head`.
    ///
    /// A body of unknown length is announced as chunked. Cookies, which HTTP/2 may send one by one, are put together
    /// (section 8.2.3).
    ///
    /// - Throws: a flaw of this stream alone.
    static func write(_ list: borrowing HeaderList, endStream: Bool, to head: inout [UInt8]) throws(HTTP2Flaw) {
        var translation = RequestTranslation()
        try translation.note(list)
        translation.writeLines(list, endStream: endStream, to: &head)
    }

    private mutating func note(_ list: borrowing HeaderList) throws(HTTP2Flaw) {
        let bytes = list.bytes.span
        var isAfterPseudo = false
        for entry in list.entries {
            let (name, value) = (entry.name, entry.value)
            try FieldRules.checkValue(bytes, value)
            if !name.isEmpty, bytes[name.lowerBound] == Byte.colon {
                guard !isAfterPseudo else { throw HTTP2Flaw(.pseudoHeader) }
                try notePseudo(bytes, name, value)
                continue
            }
            isAfterPseudo = true
            try FieldRules.checkName(bytes, name)
            switch KnownField.classify(bytes, name.lowerBound, name.count) {
            case .host:
                guard host.isEmpty, !value.isEmpty else { throw HTTP2Flaw(.authorityContradictsHost) }
                host = value
            case .cookie: cookies += 1
            case .contentLength: hasContentLength = true
            case .te:
                guard bytes.holds(value, "trailers") else { throw HTTP2Flaw(.connectionField) }
            case .connection, .keepAlive, .proxyConnection, .transferEncoding, .upgrade:
                throw HTTP2Flaw(.connectionField)
            default: break
            }
        }
        try check(bytes)
    }

    private mutating func notePseudo(
        _ bytes: Span<UInt8>, _ name: Range<Int>, _ value: Range<Int>
    ) throws(HTTP2Flaw) {
        let bit: UInt8
        switch name.count {
        case 7 where bytes.hasBytes(of: ":method", at: name.lowerBound): (bit, method) = (Pseudo.method, value)
        case 7 where bytes.hasBytes(of: ":scheme", at: name.lowerBound): (bit, scheme) = (Pseudo.scheme, value)
        case 5 where bytes.hasBytes(of: ":path", at: name.lowerBound): (bit, path) = (Pseudo.path, value)
        case 10 where bytes.hasBytes(of: ":authority", at: name.lowerBound):
            (bit, authority) = (Pseudo.authority, value)
        default: throw HTTP2Flaw(.pseudoHeader)
        }
        guard seen & bit == 0, !value.isEmpty else { throw HTTP2Flaw(.pseudoHeader) }
        seen |= bit
    }

    private mutating func check(_ bytes: Span<UInt8>) throws(HTTP2Flaw) {
        guard seen & Pseudo.method != 0, FieldSection.isToken(bytes, method) else { throw HTTP2Flaw(.pseudoHeader) }
        if RequestMethod.classify(bytes, method) == .connect {
            // Has an authority only (section 8.5); the parser refuses it with a word.
            guard seen == Pseudo.method | Pseudo.authority else { throw HTTP2Flaw(.pseudoHeader) }
            path = authority
        } else {
            let needed = Pseudo.method | Pseudo.scheme | Pseudo.path
            guard seen & needed == needed, bytes.holds(scheme, "http") || bytes.holds(scheme, "https") else {
                throw HTTP2Flaw(.pseudoHeader)
            }
            let first = bytes[path.lowerBound]
            guard first == Byte.slash || first == Byte.asterisk && path.count == 1 else {
                throw HTTP2Flaw(.pseudoHeader)
            }
        }
        // Whoever believes the one and whoever believes the other must come to the same place.
        if !authority.isEmpty, !host.isEmpty {
            guard authority.count == host.count else { throw HTTP2Flaw(.authorityContradictsHost) }
            for index in 0..<host.count
            where bytes[authority.lowerBound + index].lowercased != bytes[host.lowerBound + index].lowercased {
                throw HTTP2Flaw(.authorityContradictsHost)
            }
        }
    }

    private func writeLines(_ list: borrowing HeaderList, endStream: Bool, to head: inout [UInt8]) {
        list.bytes.withUnsafeBufferPointer { bytes in
            head.reserveCapacity(head.count + bytes.count + 4 * list.entries.count + 64)
            head.append(contentsOf: bytes[method])
            head.append(Byte.space)
            head.append(contentsOf: bytes[path])
            head.append(" HTTP/1.1\r\n")
            let name = authority.isEmpty ? host : authority
            if !name.isEmpty {
                head.append("host: ")
                head.append(contentsOf: bytes[name])
                head.append("\r\n")
            }
            var firstCookie: HeaderList.Entry?
            for entry in list.entries {
                guard bytes[entry.name.lowerBound] != Byte.colon else { continue }
                if entry.value == host, !host.isEmpty { continue }
                if cookies > 1, isCookie(bytes, entry.name) {
                    firstCookie = firstCookie ?? entry
                    continue
                }
                head.append(contentsOf: bytes[entry.name])
                head.append(": ")
                head.append(contentsOf: bytes[entry.value])
                head.append("\r\n")
            }
            if firstCookie != nil { writeCookies(list, bytes, to: &head) }
        }
        if !endStream, !hasContentLength { head.append("transfer-encoding: chunked\r\n") }
        head.append("\r\n")
    }

    private func writeCookies(
        _ list: borrowing HeaderList, _ bytes: UnsafeBufferPointer<UInt8>, to head: inout [UInt8]
    ) {
        head.append("cookie: ")
        var isFirst = true
        for entry in list.entries where isCookie(bytes, entry.name) {
            if !isFirst { head.append("; ") }
            isFirst = false
            head.append(contentsOf: bytes[entry.value])
        }
        head.append("\r\n")
    }

    private func isCookie(_ bytes: UnsafeBufferPointer<UInt8>, _ name: Range<Int>) -> Bool {
        name.count == 6 && bytes.span.hasBytes(of: "cookie", at: name.lowerBound)
    }
}

extension [UInt8] {
    @inline(__always)
    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
