import NIOCore

/// Takes the body of one message out of a connection's bytes, strictly, and never holds it.
struct BodyReader {
    enum Piece {
        /// - Parameter isFramed: whole or partial chunks with their framing, that may be passed on as they are.
        case bytes(ByteBuffer, isFramed: Bool)
        case end(trailers: [TrailerField])
        /// More must come in first.
        case starved
    }

    private enum State {
        case length(UInt64)
        case chunked
        case untilClose
        case ended
    }

    private var state: State
    private var chunks = ChunkedDecoder()
    private let keepsFraming: Bool
    private var trailers: [TrailerField] = []

    /// - Parameter keepsFraming: chunks are given with their framing, for one who sends chunks too.
    init(_ framing: BodyFraming, keepsFraming: Bool) {
        self.keepsFraming = keepsFraming
        state =
            switch framing {
            case .none: .ended
            case .length(let count): count == 0 ? .ended : .length(count)
            case .chunked: .chunked
            case .untilClose: .untilClose
            }
    }

    /// The end of the connection is the end of the body, and no fault.
    var endsWithClose: Bool { if case .untilClose = state { true } else { false } }

    /// Takes the next piece from the front of `input`.
    ///
    /// - Throws: `HeadFlaw` for malformed chunks, or ones beyond the limits.
    mutating func next(_ input: inout ByteBuffer, _ limits: HeadLimits = HeadLimits()) throws(HeadFlaw) -> Piece {
        switch state {
        case .ended:
            return .end(trailers: trailers)
        case .untilClose:
            guard let all = input.readSlice(length: input.readableBytes), all.readableBytes > 0 else { return .starved }
            return .bytes(all, isFramed: false)
        case .length(let left):
            let count = Int(min(left, UInt64(input.readableBytes)))
            guard count > 0, let part = input.readSlice(length: count) else { return .starved }
            state = left == UInt64(count) ? .ended : .length(left - UInt64(count))
            return .bytes(part, isFramed: false)
        case .chunked:
            return keepsFraming ? try framed(&input, limits) : try bare(&input, limits)
        }
    }

    private mutating func bare(_ input: inout ByteBuffer, _ limits: HeadLimits) throws(HeadFlaw) -> Piece {
        while true {
            let step = try chunks.next(input.readableBytesUInt8Span, from: 0, limits: limits)
            switch step {
            case .needMore:
                return .starved
            case .line(let range, _, _), .dataEnd(let range):
                input.moveReaderIndex(forwardBy: range.upperBound)
            case .data(let range):
                guard let data = input.readSlice(length: range.count) else { return .starved }
                return .bytes(data, isFramed: false)
            case .trailer(let name, let value, let line, let isAllowed):
                if isAllowed { keep(name, value, of: input) }
                input.moveReaderIndex(forwardBy: line.upperBound)
            case .end(let range):
                input.moveReaderIndex(forwardBy: range.upperBound)
                state = .ended
                return .end(trailers: trailers)
            }
        }
    }

    /// As many chunks as there are in one piece. The last chunk and the trailers are left out: who sends the body ends
    /// it. A chunk with extensions gets a plain size line, since nobody behind the router asked for them.
    private mutating func framed(_ input: inout ByteBuffer, _ limits: HeadLimits) throws(HeadFlaw) -> Piece {
        var end = 0
        while true {
            // Copied out, since a piece is cut from `input` while its bytes are looked at.
            let step = try chunks.next(input.readableBytesUInt8Span, from: end, limits: limits)
            switch step {
            case .line(let range, let hasExtension, let size) where hasExtension || size == 0:
                let before = input.readSlice(length: end) ?? ByteBuffer()
                input.moveReaderIndex(forwardBy: range.count)
                var piece = before
                if size > 0 { piece.writeString(String(size, radix: 16) + "\r\n") }
                if piece.readableBytes > 0 { return .bytes(piece, isFramed: true) }
                end = 0
            case .line(let range, _, _), .data(let range), .dataEnd(let range):
                end = range.upperBound
            case .trailer(let name, let value, let line, let isAllowed):
                if isAllowed { keep(name, value, of: input) }
                input.moveReaderIndex(forwardBy: line.upperBound)
                end = 0
            case .end(let range):
                input.moveReaderIndex(forwardBy: range.upperBound)
                state = .ended
                return .end(trailers: trailers)
            case .needMore:
                guard end > 0, let piece = input.readSlice(length: end) else { return .starved }
                return .bytes(piece, isFramed: true)
            }
        }
    }

    private mutating func keep(_ name: Range<Int>, _ value: Range<Int>, of input: ByteBuffer) {
        func text(_ range: Range<Int>) -> String {
            input.getString(at: input.readerIndex + range.lowerBound, length: range.count) ?? ""
        }
        trailers.append(TrailerField(name: text(name), value: text(value)))
    }
}
