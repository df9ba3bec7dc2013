/// Where a message's body ends (RFC 9112, section 6.3).
enum BodyFraming: Equatable, Sendable {
    /// There is no body.
    case none
    /// So many bytes, less than 2^63; `0` when a length of zero is written out.
    case length(UInt64)
    /// Chunks: see `ChunkedDecoder`.
    case chunked
    /// All bytes until the connection closes: answers only.
    case untilClose
}
