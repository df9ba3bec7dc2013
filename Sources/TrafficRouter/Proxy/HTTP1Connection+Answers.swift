import NIOCore

/// Writing answers: an instance's, or the router's own.
extension HTTP1Connection {
    /// A body up to this size is copied behind its head, so that both leave in one write.
    static let gatherLimit = 8 * 1024
}

extension HTTP1Connection {
    func write(_ buffer: ByteBuffer) {
        if gathered.readableBytes > 0, gathered.readableBytes + buffer.readableBytes <= Self.gatherLimit {
            gathered.writeImmutableBuffer(buffer)
            return
        }
        writeGathered()
        context?.write(wrapOutboundOut(buffer), promise: nil)
    }

    /// Hands over what was gathered.
    func writeGathered() {
        guard gathered.readableBytes > 0 else { return }
        context?.write(wrapOutboundOut(gathered), promise: nil)
        worker.giveBack(gathered)
        gathered = ByteBuffer()
    }

    /// Sends the end of an answer; the last one of a connection goes with its closing.
    func flushAnswer() { if keepAlive { flush() } }

    func beginGathering() { if gathered.readableBytes == 0 { gathered = worker.scratch() } }

    /// The answer is written or on its way: what comes next on this connection?
    func afterAnswer() {
        exchange = nil
        if !keepAlive {
            closeAfterWriting()
            return enter(.closing)
        }
        if requestEnded { return finishRequest() }
        // The rest of a body that nobody wants any more.
        enter(.discarding)
        take()
        // The next request may have stood behind it.
        exchange?.flushUpstream()
        resumeReading()
    }

    private func closeAfterWriting() {
        guard let context else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        // Closing both directions with bytes unread would reset the connection and could destroy the answer.
        let mode: CloseMode = requestEnded ? .all : .output
        written.futureResult.assumeIsolated().whenComplete { [self] _ in
            self.context?.close(mode: mode, promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(gathered), promise: written)
        gathered = ByteBuffer()
        resumeReading()
    }
}
