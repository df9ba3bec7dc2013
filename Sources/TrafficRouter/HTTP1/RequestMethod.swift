/// The method of a request; methods are case-sensitive (RFC 9110, section 9.1).
enum RequestMethod: UInt8, CaseIterable, Sendable {
    case get, head, post, put, delete, options, patch, trace, connect
    /// Any other token: see the head's `methodRange`.
    case other

    /// The method that is written in `range`, which must hold a token.
    @inline(__always)
    static func classify(_ input: Span<UInt8>, _ range: Range<Int>) -> RequestMethod {
        let start = range.lowerBound
        switch range.count {
        case 3:
            if input.hasBytes(of: "GET", at: start) { return .get }
            return input.hasBytes(of: "PUT", at: start) ? .put : .other
        case 4:
            if input.hasBytes(of: "POST", at: start) { return .post }
            return input.hasBytes(of: "HEAD", at: start) ? .head : .other
        case 5:
            if input.hasBytes(of: "PATCH", at: start) { return .patch }
            return input.hasBytes(of: "TRACE", at: start) ? .trace : .other
        case 6: return input.hasBytes(of: "DELETE", at: start) ? .delete : .other
        case 7:
            if input.hasBytes(of: "OPTIONS", at: start) { return .options }
            return input.hasBytes(of: "CONNECT", at: start) ? .connect : .other
        default: return .other
        }
    }

    /// Whether `range` holds the name of a method above in other letters, such as `head`.
    static func isMisspelt(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        input.holds(range, "get") || input.holds(range, "put") || input.holds(range, "post")
            || input.holds(range, "head") || input.holds(range, "patch") || input.holds(range, "trace")
            || input.holds(range, "delete") || input.holds(range, "options") || input.holds(range, "connect")
    }
}
