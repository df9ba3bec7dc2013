/// The 61 fields that every compressor knows (RFC 7541, appendix A).
enum HPACKStaticTable {
    static let count = 61

    /// Names and values one behind another, and where they lie.
    private static let table: (bytes: [UInt8], ends: [(start: Int, nameEnd: Int, end: Int)]) = {
        var bytes: [UInt8] = []
        var ends: [(start: Int, nameEnd: Int, end: Int)] = []
        for (name, value) in fields {
            let start = bytes.count
            bytes += Array(name.utf8)
            let nameEnd = bytes.count
            bytes += Array(value.utf8)
            ends.append((start, nameEnd, bytes.count))
        }
        return (bytes, ends)
    }()

    /// Appends name and value of the entry `index`, 1 to 61, to `list`.
    @inline(__always)
    static func copy(_ index: Int, nameOnly: Bool, to list: inout HeaderList) -> Int {
        let place = table.ends[index - 1]
        list.append(table.bytes.span.extracting(place.start..<(nameOnly ? place.nameEnd : place.end)))
        return place.nameEnd - place.start
    }

    static let fields: [(String, String)] = [
        (":authority", ""),
        (":method", "GET"),
        (":method", "POST"),
        (":path", "/"),
        (":path", "/index.html"),
        (":scheme", "http"),
        (":scheme", "https"),
        (":status", "200"),
        (":status", "204"),
        (":status", "206"),
        (":status", "304"),
        (":status", "400"),
        (":status", "404"),
        (":status", "500"),
        ("accept-charset", ""),
        ("accept-encoding", "gzip, deflate"),
        ("accept-language", ""),
        ("accept-ranges", ""),
        ("accept", ""),
        ("access-control-allow-origin", ""),
        ("age", ""),
        ("allow", ""),
        ("authorization", ""),
        ("cache-control", ""),
        ("content-disposition", ""),
        ("content-encoding", ""),
        ("content-language", ""),
        ("content-length", ""),
        ("content-location", ""),
        ("content-range", ""),
        ("content-type", ""),
        ("cookie", ""),
        ("date", ""),
        ("etag", ""),
        ("expect", ""),
        ("expires", ""),
        ("from", ""),
        ("host", ""),
        ("if-match", ""),
        ("if-modified-since", ""),
        ("if-none-match", ""),
        ("if-range", ""),
        ("if-unmodified-since", ""),
        ("last-modified", ""),
        ("link", ""),
        ("location", ""),
        ("max-forwards", ""),
        ("proxy-authenticate", ""),
        ("proxy-authorization", ""),
        ("range", ""),
        ("referer", ""),
        ("refresh", ""),
        ("retry-after", ""),
        ("server", ""),
        ("set-cookie", ""),
        ("strict-transport-security", ""),
        ("transfer-encoding", ""),
        ("user-agent", ""),
        ("vary", ""),
        ("via", ""),
        ("www-authenticate", ""),
    ]
}
