import NIOCore

/// One end of an HTTP/2 connection (RFC 9113), of either role: frames, windows, settings, and the limits on what the
/// other side may do. What streams are for is left to its two subclasses.
///
/// Frames are read and written here and not by NIOHTTP2, whose handler alone costs more for a request than HAProxy
/// needs to pass one on; and here what is kept for a slow reader has a bound.
class HTTP2Endpoint: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case preface
        /// The first frame must be SETTINGS.
        case settings
        case open
        /// GOAWAY has told the other side to begin no more streams.
        case draining
        /// Nothing that comes in counts any more.
        case closing
    }

    /// A header block that goes on in CONTINUATION frames.
    struct UnfinishedBlock {
        let stream: UInt32
        let endStream: Bool
        var bytes: [UInt8]
        var frames = 0
        let since: NIODeadline
    }

    let worker: Worker
    let limits: HTTP2Limits
    final var context: ChannelHandlerContext?
    final var phase = Phase.preface
    final var phaseSince: NIODeadline
    /// When the burst of bytes under way was read.
    final var now: NIODeadline
    final var flows = HTTP2FlowTable()
    final var closed = HTTP2ClosedStreams()
    /// The highest stream that the other side has begun.
    final var lastPeerStream: UInt32 = 0
    final var peerSettings = HTTP2Settings()
    final var list = HeaderList()
    final var unfinished: UnfinishedBlock?
    /// Scratch for a header block to be sent.
    final var block: [UInt8] = []
    final var output = ByteBuffer()
    final var isChannelWritable = true
    final var sendWindow = HTTP2Settings.defaultWindow
    final var receiveWindow: Int
    final var uncredited = 0
    /// Streams that wait for a window.
    final var blockedStreams = 0
    final var controlBudget: HTTP2Budget
    final var flawBudget: HTTP2Budget
    private var input = ByteBuffer()
    private var decoder: HPACKDecoder
    private var isParsing = false
    final var isFlushDue = false
    final var mustEmptyTable = false
    private var dropped = 0

    /// What the other side is: a server must not send what only clients may.
    var peerIsServer: Bool { false }

    init(worker: Worker, limits: HTTP2Limits) {
        self.worker = worker
        self.limits = limits
        let now = NIODeadline.now()
        (self.now, phaseSince) = (now, now)
        receiveWindow = max(HTTP2Settings.defaultWindow, limits.connectionWindow)
        decoder = HPACKDecoder(tableBytes: limits.headerTableBytes)
        controlBudget = HTTP2Budget(limit: limits.maxControlFramesPerMinute, now: now)
        flawBudget = HTTP2Budget(limit: limits.maxFlawsPerMinute, now: now)
        list.maxBytes = limits.maxHeaderListBytes
        list.maxFields = worker.limits.maxHeaderFields + 8
    }

    // MARK: For subclasses

    /// The connection is there, and nothing has been sent yet.
    func begin(_ context: ChannelHandlerContext) {}
    /// `list` holds the fields of a whole header block on a stream that the other side may use.
    func receivedHeaders(stream: UInt32, endStream: Bool) throws(HTTP2Flaw) {}
    /// Data of an open stream, within its windows; each byte is to be credited once it is handed on.
    func receivedData(_ flow: HTTP2Flow, _ data: ByteBuffer, endStream: Bool) {}
    func receivedReset(_ flow: HTTP2Flow, _ code: HTTP2ErrorCode) {}
    func receivedGoAway(lastStream: UInt32, _ code: HTTP2ErrorCode) {}
    func receivedPingAcknowledgement() {}
    func receivedSettings() {}
    /// Everything that was read has been taken.
    func burstEnded() {}
    /// No stream is open any more.
    func becameIdle() {}
    func leave() {}
    /// A frame on a stream that was never opened, or whose end is forgotten, is a flaw of the connection.
    func isIdle(_ stream: UInt32) -> Bool { stream > lastPeerStream }

    // MARK: Connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isChannelWritable = context.channel.isWritable
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        // Kept, it would keep the whole channel.
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        phase = .closing
        input = ByteBuffer()
        unfinished = nil
        leave()
        loseStreams(.internalError, wasUntouched: false)
    }

    func close() {
        phase = .closing
        loseStreams(.internalError, wasUntouched: false)
        context?.close(promise: nil)
    }

    /// Tells the users of all streams that they are over.
    final func loseStreams(_ code: HTTP2ErrorCode, wasUntouched: Bool) {
        blockedStreams = 0
        for flow in flows.removeAll() {
            flow.drop()
            let user = flow.user
            flow.user = nil
            user?.streamLost(code, wasUntouched: wasUntouched)
        }
    }

    final func enter(_ phase: Phase) {
        self.phase = phase
        phaseSince = .now()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        now = .now()
        if phase == .closing {
            dropped += bytes.readableBytes
            if dropped > worker.limits.maxDiscardedBytes { context.close(promise: nil) }
            return
        }
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        parse()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        burstEnded()
        context.fireChannelReadComplete()
    }

    private func parse() {
        guard !isParsing else { return }
        isParsing = true
        do throws(HTTP2Flaw) {
            while phase != .closing, try takeFrame() {}
        } catch {
            fail(error)
        }
        isParsing = false
        // Dropped, so that the system's next read can use the same memory.
        if input.readableBytes == 0 { input = ByteBuffer() }
    }

    private static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    private func takePreface() throws(HTTP2Flaw) -> Bool {
        let length = Self.preface.utf8CodeUnitCount
        let count = min(length, input.readableBytes)
        let span = input.readableBytesUInt8Span
        for index in 0..<count where span[index] != Self.preface.utf8Start[index] { throw HTTP2Flaw(.preface) }
        guard count == length else { return false }
        input.moveReaderIndex(forwardBy: length)
        enter(.settings)
        return true
    }

    /// - Returns: whether there may be another one.
    private func takeFrame() throws(HTTP2Flaw) -> Bool {
        if phase == .preface { return try takePreface() }
        guard input.readableBytes >= FrameHeader.length else { return false }
        let header = FrameHeader(input.readableBytesUInt8Span)
        guard header.length <= FrameHeader.maxPayload else { throw HTTP2Flaw(.frameSizeError, .frameTooLarge) }
        guard input.readableBytes >= FrameHeader.length + header.length else { return false }
        input.moveReaderIndex(forwardBy: FrameHeader.length)
        guard let payload = input.readSlice(length: header.length) else { return false }
        if phase == .settings {
            guard header.type == FrameType.settings, !header.has(FrameFlag.acknowledge) else {
                throw HTTP2Flaw(.firstFrame)
            }
            enter(.open)
        }
        if let block = unfinished {
            guard header.type == FrameType.continuation, header.stream == block.stream else {
                throw HTTP2Flaw(.headerBlockInterrupted)
            }
        }
        try take(header, payload)
        return true
    }

    // MARK: Header blocks

    /// Takes a whole header block, or its first part.
    final func takeBlock(_ stream: UInt32, endStream: Bool, endHeaders: Bool, _ part: Span<UInt8>) throws(HTTP2Flaw) {
        if endHeaders { return try decode(part, stream, endStream: endStream) }
        var bytes: [UInt8] = []
        part.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        unfinished = UnfinishedBlock(stream: stream, endStream: endStream, bytes: bytes, since: now)
    }

    final func takeContinuation(_ header: FrameHeader, _ part: Span<UInt8>) throws(HTTP2Flaw) {
        guard var block = unfinished else { throw HTTP2Flaw(.continuationUnexpected) }
        // Set aside, so that the bytes are not copied.
        unfinished = nil
        part.withUnsafeBufferPointer { block.bytes.append(contentsOf: $0) }
        block.frames += 1
        guard block.bytes.count <= limits.maxHeaderBlockBytes else {
            throw HTTP2Flaw(.enhanceYourCalm, .headerBlockTooLarge)
        }
        guard block.frames <= limits.maxContinuationFrames else {
            throw HTTP2Flaw(.enhanceYourCalm, .continuationFlood)
        }
        if header.has(FrameFlag.endHeaders) {
            return try decode(block.bytes.span, block.stream, endStream: block.endStream)
        }
        unfinished = block
    }

    private func decode(_ block: Span<UInt8>, _ stream: UInt32, endStream: Bool) throws(HTTP2Flaw) {
        list.removeAll()
        try decoder.decode(block, into: &list)
        try receivedHeaders(stream: stream, endStream: endStream)
    }

    // MARK: Writing

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isChannelWritable = context.channel.isWritable
        if isChannelWritable {
            for flow in flows.flows where hasRoom(flow) { flow.user?.streamBecameWritable() }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Closing with bytes unread would reset the connection and could destroy what was just written.
    func endOutput() { context?.close(promise: nil) }
}
