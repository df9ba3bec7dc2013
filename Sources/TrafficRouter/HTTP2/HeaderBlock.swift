/// Turns heads as HTTP/1 writes them into header blocks: an answer for a client, or a request for an instance.
///
/// The heads were written here, out of checked ones: what passes and what is added is decided in one place for both
/// protocols, and this is only their other form.
enum HeaderBlock {
    /// Appends an answer's fields to `block`.
    ///
    /// - Parameters:
    ///   - head: with its status line, up to the empty line or the end.
    ///   - status: 100 to 999.
    /// - Returns: where the empty line ends, or the end.
    @discardableResult
    static func writeAnswer(_ head: Span<UInt8>, status: Int, to block: inout [UInt8]) -> Int {
        HPACKEncoder.writeStatus(status, to: &block)
        var position = nextLine(head, 0)
        while let line = fieldLine(head, &position) {
            let id = KnownField.classify(head, line.name.lowerBound, line.name.count)
            if id.isHopByHop { continue }
            HPACKEncoder.writeField(
                name: head.extracting(line.name), value: head.extracting(line.value), to: &block)
        }
        return position
    }

    /// Appends a request's fields to `block`.
    ///
    /// - Parameters:
    ///   - head: with its request line, in origin form, and one Host field.
    ///   - wantsTrailers: `te: trailers` is added, which gRPC's servers insist on.
    static func writeRequest(
        _ head: Span<UInt8>, isSecure: Bool, wantsTrailers: Bool, to block: inout [UInt8]
    ) {
        var end = 0
        while end < head.count, head[end] != Byte.space { end += 1 }
        let method = 0..<end
        var pathEnd = end + 1
        while pathEnd < head.count, head[pathEnd] != Byte.space { pathEnd += 1 }
        switch RequestMethod.classify(head, method) {
        case .get: block.append(0x82)
        case .post: block.append(0x83)
        default: HPACKEncoder.writeField(index: 2, value: head.extracting(method), to: &block)
        }
        block.append(isSecure ? 0x87 : 0x86)
        let path = end + 1..<pathEnd
        if path.count == 1, head[path.lowerBound] == Byte.slash {
            block.append(0x84)
        } else {
            HPACKEncoder.writeField(index: 4, value: head.extracting(path), to: &block)
        }
        let start = nextLine(head, pathEnd)
        var position = start
        while let line = fieldLine(head, &position) {
            guard KnownField.classify(head, line.name.lowerBound, line.name.count) == .host else { continue }
            HPACKEncoder.writeField(index: 1, value: head.extracting(line.value), to: &block)
            break
        }
        position = start
        while let line = fieldLine(head, &position) {
            let id = KnownField.classify(head, line.name.lowerBound, line.name.count)
            if id.isHopByHop || id == .host { continue }
            HPACKEncoder.writeField(
                name: head.extracting(line.name), value: head.extracting(line.value), to: &block)
        }
        if wantsTrailers {
            block.append(0)
            HPACKEncoder.writeInteger(2, prefix: 7, first: 0, to: &block)
            block.append("te")
            HPACKEncoder.writeInteger(8, prefix: 7, first: 0, to: &block)
            block.append("trailers")
        }
    }

    static func writeTrailers(_ trailers: [TrailerField], to block: inout [UInt8]) {
        for field in trailers {
            let (name, value) = (Array(field.name.utf8), Array(field.value.utf8))
            guard !name.isEmpty else { continue }
            HPACKEncoder.writeField(name: name.span, value: value.span, to: &block)
        }
    }

    /// Behind the line feed at or after `start`.
    @inline(__always)
    private static func nextLine(_ head: Span<UInt8>, _ start: Int) -> Int {
        min(head.count, head.lineFeed(from: start, to: head.count) + 1)
    }

    /// The field line at `position`, which moves behind it; `nil` at the empty line, behind which it moves.
    @inline(__always)
    private static func fieldLine(
        _ head: Span<UInt8>, _ position: inout Int
    ) -> (name: Range<Int>, value: Range<Int>)? {
        let start = position
        position = nextLine(head, start)
        var end = position
        while end > start, head[end - 1] == Byte.lineFeed || head[end - 1] == Byte.carriageReturn { end -= 1 }
        guard end > start else { return nil }
        var colon = start
        while colon < end, head[colon] != Byte.colon { colon += 1 }
        guard colon > start, colon < end else { return nil }
        return (start..<colon, head.trimmed(colon + 1..<end))
    }
}
