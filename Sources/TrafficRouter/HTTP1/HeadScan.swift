/// Finds the end of a head in bytes that come piece by piece.
enum HeadScan {
    /// The length of the head that begins with the first byte, its empty line included; `nil` if more bytes are needed.
    ///
    /// - Parameters:
    ///   - scannedTo: how far earlier calls have looked; 0 for a new head. Never looks there again.
    ///   - allowsEmptyLine: takes one empty line before the head as part of it (RFC 9112, section 2.2).
    /// - Throws: as soon as a line feed stands alone, or `maxHeadBytes` hold no whole head. What is thrown, and for
    ///   which bytes, does not depend on how they were cut.
    static func length(
        of input: Span<UInt8>, scannedTo: inout Int, allowsEmptyLine: Bool, _ limits: HeadLimits
    ) throws(HeadFlaw) -> Int? {
        let end = min(input.count, limits.maxHeadBytes)
        var position = scannedTo
        while true {
            position = input.lineFeed(from: position, to: end)
            guard position < end else { break }
            guard position > 0, input[position &- 1] == Byte.carriageReturn else { throw HeadFlaw(.bareLineFeed) }
            if position == 1 {
                guard allowsEmptyLine else { throw HeadFlaw(.leadingEmptyLines) }
            } else if input[position &- 2] == Byte.lineFeed {
                if position == 3 { throw HeadFlaw(.leadingEmptyLines) }
                scannedTo = position &+ 1
                return position &+ 1
            }
            position &+= 1
        }
        scannedTo = end
        if input.count < limits.maxHeadBytes { return nil }
        throw HeadFlaw(hasLongFirstLine(input, limits) ? .requestLineTooLong : .headTooLarge)
    }

    private static func hasLongFirstLine(_ input: Span<UInt8>, _ limits: HeadLimits) -> Bool {
        let end = min(limits.maxLineBytes &+ 2, limits.maxHeadBytes)
        return input.lineFeed(from: min(2, end), to: end) == end
    }
}
