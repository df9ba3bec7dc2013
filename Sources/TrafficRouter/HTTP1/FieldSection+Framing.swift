extension FieldSection {
    /// Whether the body comes in chunks.
    ///
    /// `chunked` alone is taken, once, in HTTP/1.1 and without a length beside it. Everything else is a way to smuggle
    /// requests past one of two servers that read it differently (RFC 9112, sections 6.1 and 6.3).
    func isChunked(_ input: Span<UInt8>, isHTTP10: Bool) throws(HeadFlaw) -> Bool {
        guard has(.transferEncoding) else { return false }
        if has(.contentLength) { throw HeadFlaw(.lengthWithTransferEncoding) }
        if isHTTP10 { throw HeadFlaw(.transferEncodingInHTTP10) }
        if input.holds(transferEncoding, "chunked") { return true }
        throw HeadFlaw(
            Self.hasOtherCoding(input, transferEncoding) ? .transferEncodingUnknown : .transferEncodingMalformed)
    }

    /// Whether the value is a list of tokens of which the last is `chunked` or none is: then it is sound, but names a
    /// coding that is not understood here.
    private static func hasOtherCoding(_ input: Span<UInt8>, _ value: Range<Int>) -> Bool {
        var position = value.lowerBound
        var isAfterChunked = false
        var hasOther = false
        repeat {
            var end = position
            while end < value.upperBound, input[end] != Byte.comma { end &+= 1 }
            let coding = input.trimmed(position..<end)
            guard isToken(input, coding), !isAfterChunked else { return false }
            isAfterChunked = input.holds(coding, "chunked")
            hasOther = hasOther || !isAfterChunked
            position = end &+ 1
        } while position <= value.upperBound
        return hasOther
    }

    /// Whether the connection stays open after the message, as far as the fields say (RFC 9112, section 9.3).
    func keepsAlive(isHTTP10: Bool) -> Bool { !hasClose && (!isHTTP10 || hasKeepAlive) }
}
