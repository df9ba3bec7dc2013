/// How much of a head or of a chunked body's framing is taken before it is refused. Bytes, line ends included unless
/// said otherwise.
struct HeadLimits: Equatable, Sendable {
    /// A whole head, with its empty line. Default 65,536; at most `Int32.max`.
    var maxHeadBytes = 65_536
    /// Field lines of one head. Default 200.
    var maxFields = 200
    /// A request line without its line end; nearly all of it is the target. Default 16,384.
    var maxLineBytes = 16_384
    /// One field line without its line end, of a head or of trailers. Default 32,768; at most 65,535.
    var maxFieldBytes = 32_768
    /// A chunk-size line with its extensions. Default 256.
    var maxChunkLineBytes = 256
    /// All trailers of a body, with the empty line after them. Default 8,192.
    var maxTrailerBytes = 8_192
    /// Trailers of one body. Default 64.
    var maxTrailers = 64
}
