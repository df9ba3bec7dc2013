/// Which fields may come as trailers (RFC 9110, section 6.5.1).
enum TrailerRule {
    /// False for what concerns framing, routing, the connection, authentication, conditions, content or caching, and
    /// for fields that the router writes: a server that merges trailers into the head would be misled.
    static func allows(_ input: Span<UInt8>, _ field: HeaderField) -> Bool {
        guard field.id == .other else { return false }
        let name = field.name
        // All of `if-match`, `if-range` and so on; `x-forwarded-…` is what other proxies write.
        if input.extracting(name).hasLetters(of: "if-", at: 0) { return false }
        if input.extracting(name).hasLetters(of: "x-forwarded-", at: 0) { return false }
        return switch name.count {
        case 3: !input.holds(name, "age")
        case 4: !input.holds(name, "vary")
        case 5: !input.holds(name, "range")
        case 6: !input.holds(name, "pragma")
        case 7: !(input.holds(name, "expires") || input.holds(name, "warning"))
        case 8: !input.holds(name, "location")
        case 9: !input.holds(name, "x-real-ip")
        case 11: !input.holds(name, "retry-after")
        case 12: !(input.holds(name, "content-type") || input.holds(name, "max-forwards"))
        case 13: !(input.holds(name, "cache-control") || input.holds(name, "content-range"))
        case 16:
            !(input.holds(name, "content-encoding") || input.holds(name, "content-location")
                || input.holds(name, "www-authenticate"))
        default: true
        }
    }
}
