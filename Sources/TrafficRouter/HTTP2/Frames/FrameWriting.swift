import NIOCore

/// Frames as bytes.
extension ByteBuffer {
    @inline(__always)
    mutating func writeFrameHeader(length: Int, type: UInt8, flags: UInt8 = 0, stream: UInt32) {
        writeMultipleIntegers(
            UInt32(truncatingIfNeeded: length) &<< 8 | UInt32(type), flags, stream, endianness: .big)
    }

    mutating func writeSettings(_ values: [(parameter: UInt16, value: Int)]) {
        writeFrameHeader(length: values.count * 6, type: FrameType.settings, stream: 0)
        for (parameter, value) in values {
            writeMultipleIntegers(parameter, UInt32(truncatingIfNeeded: value), endianness: .big)
        }
    }

    mutating func writeSettingsAcknowledgement() {
        writeFrameHeader(length: 0, type: FrameType.settings, flags: FrameFlag.acknowledge, stream: 0)
    }

    mutating func writePing(_ data: UInt64, isAcknowledgement: Bool) {
        let flags = isAcknowledgement ? FrameFlag.acknowledge : 0
        writeFrameHeader(length: 8, type: FrameType.ping, flags: flags, stream: 0)
        writeInteger(data)
    }

    mutating func writeWindowUpdate(stream: UInt32, increment: Int) {
        writeFrameHeader(length: 4, type: FrameType.windowUpdate, stream: stream)
        writeInteger(UInt32(truncatingIfNeeded: increment))
    }

    mutating func writeReset(stream: UInt32, _ code: HTTP2ErrorCode) {
        writeFrameHeader(length: 4, type: FrameType.reset, stream: stream)
        writeInteger(code.rawValue)
    }

    /// - Parameter lastStream: the highest stream that was or may still be taken up.
    mutating func writeGoAway(lastStream: UInt32, _ code: HTTP2ErrorCode, words: String = "") {
        writeFrameHeader(length: 8 + words.utf8.count, type: FrameType.goAway, stream: 0)
        writeMultipleIntegers(lastStream, code.rawValue, endianness: .big)
        writeString(words)
    }

    /// A header block as one HEADERS frame, and as many CONTINUATION frames as it needs.
    mutating func writeHeaders(stream: UInt32, _ block: [UInt8], endStream: Bool) {
        var position = 0
        repeat {
            let end = min(block.count, position + FrameHeader.maxPayload)
            let isFirst = position == 0
            var flags = end == block.count ? FrameFlag.endHeaders : 0
            if isFirst, endStream { flags |= FrameFlag.endStream }
            writeFrameHeader(
                length: end - position, type: isFirst ? FrameType.headers : FrameType.continuation, flags: flags,
                stream: stream)
            writeBytes(block[position..<end])
            position = end
        } while position < block.count
    }
}
