/// Takes the framing of a chunked body apart (RFC 9112, section 7.1). Strict, and keeps no bytes.
///
/// The caller calls `next` with the end of the last step as `from` until it gets `.needMore`, keeps what lies behind
/// `from`, and calls again when there are more bytes behind those.
struct ChunkedDecoder: Sendable {
    enum Step: Equatable, Sendable {
        /// A chunk-size line with its CRLF; `size` 0 is the last one. With an extension the line must not be passed on:
        /// write a new one, so that nobody reads it differently.
        case line(Range<Int>, hasExtension: Bool, size: UInt64)
        /// Bytes of the running chunk's data, as many as there are; never empty.
        case data(Range<Int>)
        /// The CRLF after a chunk's data.
        case dataEnd(Range<Int>)
        /// A trailer. Drop it unless `isAllowed`: it could change the framing or the routing behind, or pose as a field
        /// of the head.
        case trailer(name: Range<Int>, value: Range<Int>, line: Range<Int>, isAllowed: Bool)
        /// The empty line that ends the body. Later calls give an empty range.
        case end(Range<Int>)
        /// Call again with the same bytes and more behind them.
        case needMore

        /// What the step used up, to go on behind it; `nil` if more bytes are needed.
        var range: Range<Int>? {
            switch self {
            case .line(let range, _, _), .data(let range), .dataEnd(let range), .end(let range): range
            case .trailer(_, _, let line, _): line
            case .needMore: nil
            }
        }
    }

    private enum State: Equatable {
        case line
        case data(UInt64)
        case dataEnd
        case trailers
        case ended
    }

    private var state = State.line
    /// Bytes of the running line that hold no line feed.
    private var scanned = 0
    // Every connection has one of these, most of them without any use: small numbers in small fields.
    private var trailerBytes: Int32 = 0
    private var trailers: Int32 = 0

    /// Whether the whole body has been read.
    var isAtEnd: Bool { state == .ended }

    /// The next step, from the byte at `from` on.
    ///
    /// After a flaw the decoder must not be used any more. What is thrown does not depend on how the bytes were cut.
    mutating func next(
        _ input: Span<UInt8>, from: Int, limits: HeadLimits = HeadLimits()
    ) throws(HeadFlaw) -> Step {
        switch state {
        case .line: return try nextLine(input, from, limits)
        case .data(let rest):
            let available = input.count - from
            guard available > 0 else { return .needMore }
            let taken = rest < UInt64(available) ? Int(rest) : available
            let left = rest - UInt64(taken)
            state = left == 0 ? .dataEnd : .data(left)
            return .data(from..<from + taken)
        case .dataEnd:
            if from < input.count, input[from] != Byte.carriageReturn { throw HeadFlaw(.chunkEndMalformed) }
            guard from + 1 < input.count else { return .needMore }
            guard input[from + 1] == Byte.lineFeed else { throw HeadFlaw(.chunkEndMalformed) }
            state = .line
            return .dataEnd(from..<from + 2)
        case .trailers: return try nextTrailer(input, from, limits)
        case .ended: return .end(from..<from)
        }
    }

    private mutating func nextLine(_ input: Span<UInt8>, _ from: Int, _ limits: HeadLimits) throws(HeadFlaw) -> Step {
        guard let end = try lineEnd(input, from, limit: limits.maxChunkLineBytes, .chunkLineTooLong) else {
            return .needMore
        }
        let line = try ChunkLine.parse(input, from..<end - 2)
        state = line.size == 0 ? .trailers : .data(line.size)
        return .line(from..<end, hasExtension: line.hasExtension, size: line.size)
    }

    private mutating func nextTrailer(_ input: Span<UInt8>, _ from: Int, _ limits: HeadLimits) throws(HeadFlaw) -> Step
    {
        let limit = min(limits.maxTrailerBytes, Int(Int32.max)) - Int(trailerBytes)
        guard let end = try lineEnd(input, from, limit: limit, .trailersTooLarge) else { return .needMore }
        trailerBytes += Int32(end - from)
        if end == from + 2 {
            state = .ended
            return .end(from..<end)
        }
        trailers += 1
        if trailers > limits.maxTrailers { throw HeadFlaw(.tooManyTrailers) }
        let field = try FieldLine.parse(input.extracting(..<end), at: from, limits)
        let isAllowed = TrailerRule.allows(input, field)
        return .trailer(name: field.name, value: field.value, line: from..<end, isAllowed: isAllowed)
    }

    /// Just behind the CRLF of the line at `from`; `nil` if it is not all there.
    private mutating func lineEnd(
        _ input: Span<UInt8>, _ from: Int, limit: Int, _ flaw: HeadFlaw.Code
    ) throws(HeadFlaw) -> Int? {
        let stop = min(input.count, from + limit)
        let position = input.lineFeed(from: from + scanned, to: stop)
        guard position < stop else {
            scanned = stop - from
            if scanned >= limit { throw HeadFlaw(flaw) }
            return nil
        }
        guard position > from, input[position - 1] == Byte.carriageReturn else { throw HeadFlaw(.bareLineFeed) }
        scanned = 0
        return position + 1
    }
}
