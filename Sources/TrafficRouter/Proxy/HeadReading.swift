import NIOCore

// Heads are read where they lie in a connection's buffer.

extension RequestHead {
    /// The length of the head at the front of `buffer`; `nil`: not all of it is there.
    static func length(
        of buffer: ByteBuffer, scannedTo: inout Int, limits: HeadLimits
    ) throws(HeadFlaw) -> Int? {
        try length(of: buffer.readableBytesUInt8Span, scannedTo: &scannedTo, limits: limits)
    }

    /// Parses the first `length` bytes of `buffer`.
    func parse(_ buffer: ByteBuffer, length: Int, limits: HeadLimits) throws(HeadFlaw) {
        try parse(buffer.readableBytesUInt8Span.extracting(0..<length), limits: limits)
    }
}

extension ResponseHead {
    /// The length of the head at the front of `buffer`; `nil`: not all of it is there.
    static func length(
        of buffer: ByteBuffer, scannedTo: inout Int, limits: HeadLimits
    ) throws(HeadFlaw) -> Int? {
        try length(of: buffer.readableBytesUInt8Span, scannedTo: &scannedTo, limits: limits)
    }

    /// Parses the first `length` bytes of `buffer`, the answer to a request with `method`.
    func parse(
        _ buffer: ByteBuffer, length: Int, limits: HeadLimits, answering method: RequestMethod
    ) throws(HeadFlaw) {
        try parse(buffer.readableBytesUInt8Span.extracting(0..<length), limits: limits, answering: method)
    }
}
