/// Prefixes of paths, as services and rules write them.
enum RoutePath {
    /// Without slashes at its end: empty for `/`, which covers every path.
    static func prefix(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        while bytes.last == Byte.slash { bytes.removeLast() }
        return bytes
    }

    /// Whether the path in `path` is that of `prefix`, or lies below it: `/shop` covers `/shop` and `/shop/a`, but not
    /// `/shopping`. Letters are compared as they are written, without decoding.
    @inline(__always)
    static func isCovered(
        _ bytes: Span<UInt8>, _ path: Range<Int>, by prefix: Span<UInt8>, _ range: Range<Int>
    ) -> Bool {
        guard range.count <= path.count else { return false }
        var index = 0
        while index < range.count {
            if bytes[path.lowerBound &+ index] != prefix[range.lowerBound &+ index] { return false }
            index &+= 1
        }
        return range.isEmpty || index == path.count || bytes[path.lowerBound &+ index] == Byte.slash
    }
}
