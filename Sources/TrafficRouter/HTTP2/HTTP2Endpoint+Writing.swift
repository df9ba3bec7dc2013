import NIOCore

/// How frames leave, and how streams and the connection end.
extension HTTP2Endpoint {
    /// Where frames are written to; they leave together once everything that is ready now has been dealt with.
    ///
    /// On an event loop, tasks run behind all sockets that were ready. So the answers of many instances, which come
    /// in on as many connections, leave in one write and one TLS record.
    @inline(__always)
    func withOutput(_ write: (inout ByteBuffer) -> Void) {
        guard context != nil else { return }
        if !isFlushDue { scheduleFlush() }
        write(&output)
        if output.readableBytes > Self.maximumGathered { handOver() }
    }

    private static let maximumGathered = 128 * 1024

    private func scheduleFlush() {
        isFlushDue = true
        if output.capacity == 0 { output = worker.scratch() }
        worker.eventLoop.assumeIsolated().execute { [self] in flushNow() }
    }

    private func handOver() {
        guard output.readableBytes > 0 else { return }
        context?.write(wrapOutboundOut(output), promise: nil)
        worker.giveBack(output)
        output = ByteBuffer()
    }

    func flushNow() {
        isFlushDue = false
        handOver()
        context?.flush()
        if output.readableBytes == 0 { output = ByteBuffer() }
    }

    /// A header block, begun as the other side's decoder may need it.
    func beginBlock() {
        block.removeAll(keepingCapacity: true)
        if mustEmptyTable {
            mustEmptyTable = false
            block.append(HPACKEncoder.emptyTable)
        }
    }

    func noteTableLimit() { if peerSettings.headerTableBytes < 4_096 { mustEmptyTable = true } }

    /// Whether a stream takes more to send.
    func hasRoom(_ flow: HTTP2Flow) -> Bool {
        isChannelWritable && flow.queuedBytes < limits.maxBufferedStreamBytes
    }
}

extension HTTP2Endpoint {
    /// Tells the other side why the connection ends, and ends it.
    func fail(_ flaw: HTTP2Flaw) {
        guard phase != .closing else { return }
        worker.count(flaw)
        endConnection(flaw.code, words: flaw.reason.rawValue)
    }

    func endConnection(_ code: HTTP2ErrorCode, words: String = "") {
        guard phase != .closing, let context else { return }
        withOutput { $0.writeGoAway(lastStream: lastPeerStream, code, words: words) }
        enter(.closing)
        unfinished = nil
        loseStreams(.internalError, wasUntouched: false)
        flushNow()
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in endOutput() }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    /// Ends one stream. Too many flaws end the connection.
    func failStream(_ stream: UInt32, _ flaw: HTTP2Flaw) throws(HTTP2Flaw) {
        worker.count(flaw)
        worker.counters.streams.reset[flaw.reason.rawValue, default: 0] += 1
        resetStream(stream, flaw.code)
        guard flawBudget.spend(now: now) else { throw HTTP2Flaw(.enhanceYourCalm, .flawFlood) }
    }

    /// Sends RST_STREAM, and tells the stream's user that it is lost.
    func resetStream(_ stream: UInt32, _ code: HTTP2ErrorCode) {
        withOutput { $0.writeReset(stream: stream, code) }
        guard let flow = flows.find(stream) else { return closed.note(stream, .resetByUs) }
        let user = flow.user
        remove(flow, .resetByUs)
        user?.streamLost(code, wasUntouched: false)
    }

    /// Forgets a stream that is over. Its user is not told.
    func remove(_ flow: HTTP2Flow, _ way: HTTP2ClosedStreams.Way) {
        if flow.isBlocked { blockedStreams -= 1 }
        credit(nil, flow.receivedBytes)
        flow.drop()
        flow.user = nil
        flows.remove(flow.id)
        closed.note(flow.id, way)
        if flows.isEmpty { becameIdle() }
    }
}
