import NIOCore

/// One client connection that speaks HTTP/1: takes its requests in order, one at a time, and reads no further than the
/// instance takes.
///
/// Bytes that were received and not yet taken stay in `input`: part of a head, a body for which there is no room yet,
/// or the next requests of a client that pipelines. Reading goes on while they are few, because stopping and resuming
/// costs two system calls.
final class HTTP1Connection: ClientStream, ChannelDuplexHandler, RoutedConnection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Between requests, or within a head.
        case idle
        case exchanging
        /// Answered before the request's body ended; the rest is dropped.
        case discarding
        /// The protocol was switched: bytes go through as they are.
        case tunnel
        /// The last answer is being written, or the peer is given time to read it.
        case closing
    }

    // One of these for each open connection: what takes one byte stands together.
    let scheme: URLScheme
    var phase = Phase.idle
    var keepAlive = true
    var requestEnded = true
    var answerBegun = false
    /// The running answer goes out in chunks.
    var answerIsChunked = false
    var isTaking = false
    var isReadHeld = false
    var isWithinHead = false
    /// No request has come yet: the client may turn out to speak HTTP/2.
    var isUnknown: Bool
    private let isPeerKnown: Bool
    var context: ChannelHandlerContext?
    var place = -1
    var phaseSince = NIODeadline.now()
    /// Of the request under way.
    var head: RequestHead
    /// The beginning of a burst of output, gathered so that small answers leave in one write.
    var gathered = ByteBuffer()
    var address: PeerAddress
    var input = ByteBuffer()
    var scanned = 0
    var body = BodyReader(.none, keepsFraming: false)
    var bodyBytes: UInt64 = 0
    var discarded = 0
    /// Limits in force then; `nil`: those that are usual.
    let http2: OwnHTTP2Limits?

    /// - Parameters:
    ///   - peer: when a proxy before has told it; else that of the connection.
    ///   - isUnknown: nothing has shown yet that the client speaks HTTP/1.
    init(
        worker: Worker, scheme: URLScheme, peer: PeerAddress? = nil, isUnknown: Bool = false,
        http2: OwnHTTP2Limits? = nil
    ) {
        self.isUnknown = isUnknown
        self.http2 = http2
        self.scheme = scheme
        head = worker.noHead
        address = peer ?? .unknown
        isPeerKnown = peer != nil
        super.init(worker: worker)
    }

    // MARK: Connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        if !isPeerKnown { address = PeerAddress(context.remoteAddress, trusted: worker.table.trustedProxies) }
        if !worker.register(self, from: address.text) { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        // Kept, it would keep the whole channel.
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        worker.unregister(self)
        phase = .closing
        input = ByteBuffer()
        letGo()
    }

    /// Ends the exchange under way, whose client has gone.
    func letGo() {
        let left = exchange
        exchange = nil
        left?.clientGone()
    }

    func close() {
        letGo()
        phase = .closing
        context?.close(promise: nil)
    }

    func enter(_ phase: Phase) {
        self.phase = phase
        phaseSince = .now()
    }

    // MARK: Reading

    private static let maximumWaiting = 64 * 1024

    private var takesMore: Bool {
        switch phase {
        case .idle, .discarding, .closing: true
        case .tunnel: exchange?.takesMoreBody ?? true
        case .exchanging:
            input.readableBytes < Self.maximumWaiting && (requestEnded || exchange?.takesMoreBody ?? true)
        }
    }

    func read(context: ChannelHandlerContext) {
        if takesMore { context.read() } else { isReadHeld = true }
    }

    func resumeReading() {
        guard isReadHeld, takesMore else { return }
        isReadHeld = false
        context?.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        take()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        exchange?.flushUpstream()
        if !requestEnded || input.readableBytes > 0 { context.acknowledgeAtOnce() }
        context.fireChannelReadComplete()
    }

    // MARK: Between the two sides

    override var peer: PeerAddress { address }

    override var isInBurst: Bool { isTaking }

    override func exchangeTakesMore() {
        guard !isTaking else { return resumeReading() }
        take()
        exchange?.flushUpstream()
        resumeReading()
    }

    /// For shutdown: a request under way is answered first, and one that may be on its way is waited for.
    func closeWhenIdle() {
        guard phase == .idle, input.readableBytes == 0, let context, worker.mayLeave(idleSince: phaseSince) else {
            return
        }
        phase = .closing
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    func finishRequest() {
        guard keepAlive, !worker.isStopping else { return enter(.closing) }
        worker.spareHeads.giveBack(head)
        head = worker.noHead
        enter(.idle)
        take()
        exchange?.flushUpstream()
        resumeReading()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange?.clientBecameWritable() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }

    // MARK: Writing, see HTTP1Connection+Answers

    override var isWritable: Bool { context?.channel.isWritable ?? true }
    override var takesChunkFraming: Bool { answerIsChunked }

    override func flush() {
        writeGathered()
        context?.flush()
    }

    override func sendInformational(_ answer: ResponseHead) {
        // HTTP/1.0 does not know it.
        guard !head.isHTTP10, !answerBegun else { return }
        beginGathering()
        ForwardedAnswer.writeInformational(answer, to: &gathered)
        flush()
    }

    override func sendHead(_ answer: ResponseHead, _ marks: AnswerMarks) {
        answerBegun = true
        if worker.isStopping { keepAlive = false }
        beginGathering()
        let form = ForwardedAnswer(answer, to: head, marks, keepAlive: keepAlive, into: &gathered)
        answerIsChunked = form.isChunked
        if form.endsWithClose { keepAlive = false }
    }

    override func sendBody(_ buffer: ByteBuffer, isFramed: Bool) {
        guard answerIsChunked, !isFramed else { return write(buffer) }
        beginGathering()
        gathered.writeString(String(buffer.readableBytes, radix: 16))
        gathered.writeStaticString("\r\n")
        write(buffer)
        beginGathering()
        gathered.writeStaticString("\r\n")
    }

    override func sendEnd(trailers: [TrailerField]) {
        if answerIsChunked {
            beginGathering()
            gathered.writeStaticString("0\r\n")
            for field in trailers { gathered.writeString("\(field.name): \(field.value)\r\n") }
            gathered.writeStaticString("\r\n")
        }
        flushAnswer()
        afterAnswer()
    }

    override func sendRefusal(_ refusal: Refusal, marks: AnswerMarks?) {
        guard context != nil, !answerBegun else { return close() }
        answerBegun = true
        if worker.isStopping { keepAlive = false }
        beginGathering()
        refusal.write(marks, to: head, keepAlive: keepAlive, into: &gathered)
        flushAnswer()
        afterAnswer()
    }

    override func abort() { close() }

    override func beginTunnel(_ answer: ResponseHead, _ marks: AnswerMarks) {
        answerBegun = true
        requestEnded = true
        keepAlive = false
        beginGathering()
        ForwardedAnswer.writeUpgrade(answer, marks, to: &gathered)
        flush()
        enter(.tunnel)
        take()
        exchange?.flushUpstream()
        resumeReading()
    }
}
