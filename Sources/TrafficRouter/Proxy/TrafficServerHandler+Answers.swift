import NIOCore
import NIOHTTP1

/// Writing answers: an instance's, or the router's own.
extension TrafficServerHandler {
    var isWritable: Bool { context?.channel.isWritable ?? true }

    func flush() { context?.flush() }

    /// Passes on `100 Continue` and its like, which HTTP/1.0 does not know.
    func passInformational(_ head: HTTPResponseHead) {
        guard request.version.isAtLeast11, !answerBegun else { return }
        let marks = ResponseMarks(release: "", newKey: nil)
        let passed = ClientHead(head, request: request, marks: marks, keepAlive: true)
        context?.writeAndFlush(wrapOutboundOut(.head(passed.head)), promise: nil)
    }

    func beginAnswer(_ head: HTTPResponseHead, marks: ResponseMarks) {
        answerBegun = true
        if worker.isStopping { keepAlive = false }
        let passed = ClientHead(head, request: request, marks: marks, keepAlive: keepAlive)
        if passed.endsWithClose { keepAlive = false }
        context?.write(wrapOutboundOut(.head(passed.head)), promise: nil)
    }

    func passBody(_ buffer: ByteBuffer) {
        context?.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
    }

    /// The instance's answer is complete; counted when its last byte is written.
    func endAnswer(_ tally: Tally?) {
        exchange = nil
        guard let context else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        if let tally { written.futureResult.assumeIsolated().whenSuccess { tally.record() } }
        afterAnswer(written.futureResult)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        if phase == .exchanging { advance() }
    }

    /// An answer of the router's own: one line of plain text.
    func answer(_ refusal: Refusal, release: String?, tally: Tally?) {
        guard let context, !answerBegun else { return close() }
        answerBegun = true
        if worker.isStopping { keepAlive = false }
        let body = ByteBuffer(string: refusal.text + "\n")
        var fields = [
            ("content-type", "text/plain; charset=utf-8"), ("content-length", String(body.readableBytes)),
        ]
        if refusal.retryAfter { fields.append(("retry-after", "1")) }
        if let release { fields.append((RouterNames.releaseHeader, release)) }
        if !keepAlive {
            fields.append(("connection", "close"))
        } else if !request.version.isAtLeast11 {
            fields.append(("connection", "keep-alive"))
        }
        let head = HTTPResponseHead(version: .http1_1, status: refusal.status, headers: HTTPHeaders(fields))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD { passBody(body) }
        endAnswer(tally)
    }

    /// Refuses what cannot be understood, after which nothing on this connection can be trusted.
    func refuseMalformed(_ refusal: Refusal) {
        let left = exchange
        exchange = nil
        left?.clientGone()
        if phase == .idle { (requestEnded, answerBegun, request) = (false, false, (.GET, .http1_1)) }
        // The rest of a connection that is being closed anyway says nothing.
        if phase == .closing { return }
        if phase == .discarding { return close() }
        phase = .exchanging
        keepAlive = false
        answer(refusal, release: nil, tally: nil)
    }

    /// The answer is written or on its way: what comes next on this connection?
    private func advance() {
        if requestEnded { return finishRequest() }
        // The rest of a body that nobody wants any more.
        enter(keepAlive ? .discarding : .closing)
        resumeReading()
    }

    func finishRequest() {
        guard keepAlive else { return enter(.closing) }
        enter(.idle)
        drain()
    }

    private func afterAnswer(_ written: EventLoopFuture<Void>) {
        unwrittenAnswers += 1
        let isLast = !keepAlive
        written.assumeIsolated().whenComplete { _ in
            self.unwrittenAnswers -= 1
            if self.worker.isStopping { self.closeWhenIdle() }
            guard isLast, let context = self.context else { return }
            // Closing both directions with bytes unread would reset the connection and could destroy the answer.
            context.close(mode: self.requestEnded ? .all : .output, promise: nil)
        }
    }
}
