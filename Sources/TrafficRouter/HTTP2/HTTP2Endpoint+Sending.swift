import NIOCore

/// Data in both directions, and its windows (RFC 9113, section 5.2).
extension HTTP2Endpoint {
    /// Sends data, as far as the windows allow; keeps the rest.
    ///
    /// - Parameter end: these are the stream's last bytes.
    func send(_ data: ByteBuffer, on flow: HTTP2Flow, end: Bool) {
        var rest = data
        let wasBlocked = flow.isBlocked
        if !wasBlocked {
            while rest.readableBytes > 0 {
                let room = min(FrameHeader.maxPayload, flow.sendWindow, sendWindow)
                guard room > 0, let piece = rest.readSlice(length: min(room, rest.readableBytes)) else { break }
                writeData(piece, flow, end: end && rest.readableBytes == 0)
            }
            if rest.readableBytes == 0 {
                if end, !flow.localEnded { writeData(ByteBuffer(), flow, end: true) }
                return
            }
        }
        if rest.readableBytes > 0 { flow.queue(rest) }
        if end { flow.ending = .withData }
        if !wasBlocked, flow.isBlocked {
            blockedStreams += 1
            // Not `now`, since the other side may have said nothing for long.
            flow.lastSent = .now()
        }
    }

    /// Ends the stream with trailers, behind its data.
    func send(trailers: [TrailerField], on flow: HTTP2Flow) {
        if flow.isBlocked {
            flow.ending = .trailers(trailers)
        } else {
            writeTrailers(trailers, flow)
        }
    }

    private func writeTrailers(_ trailers: [TrailerField], _ flow: HTTP2Flow) {
        beginBlock()
        HeaderBlock.writeTrailers(trailers, to: &block)
        flow.localEnded = true
        withOutput { $0.writeHeaders(stream: flow.id, block, endStream: true) }
    }

    private func writeData(_ piece: ByteBuffer, _ flow: HTTP2Flow, end: Bool) {
        let count = piece.readableBytes
        flow.sendWindow -= count
        sendWindow -= count
        if end { flow.localEnded = true }
        if count > 0 { controlBudget.earn(limits.controlFramesPerDataFrame) }
        withOutput { output in
            output.writeFrameHeader(
                length: count, type: FrameType.data, flags: end ? FrameFlag.endStream : 0, stream: flow.id)
            output.writeImmutableBuffer(piece)
        }
    }

    /// Sends what the windows now have room for, a frame of each stream in turn.
    func pump() {
        guard blockedStreams > 0 else { return }
        var changed: [HTTP2Flow] = []
        var isGoing = true
        while isGoing {
            isGoing = false
            for flow in flows.flows where flow.isBlocked {
                if !pumpOne(flow) { continue }
                isGoing = true
                if !changed.contains(where: { $0 === flow }) { changed.append(flow) }
            }
        }
        // Whoever is told may end other streams.
        for flow in changed where flows.find(flow.id) === flow {
            if flow.localEnded {
                closeIfOver(flow)
            } else if hasRoom(flow) {
                flow.user?.streamBecameWritable()
            }
        }
    }

    /// - Returns: whether anything was sent.
    private func pumpOne(_ flow: HTTP2Flow) -> Bool {
        if flow.queuedBytes > 0 {
            let room = min(FrameHeader.maxPayload, flow.sendWindow, sendWindow)
            guard let piece = flow.takeQueued(room) else { return false }
            var isLast = false
            if case .withData = flow.ending, flow.queuedBytes == 0 {
                flow.ending = .none
                isLast = true
            }
            writeData(piece, flow, end: isLast)
            flow.lastSent = now
        }
        if flow.queuedBytes == 0, case .trailers(let trailers) = flow.ending {
            flow.ending = .none
            writeTrailers(trailers, flow)
        }
        if !flow.isBlocked { blockedStreams -= 1 }
        return true
    }

    /// Forgets a stream whose user has no more to do with it and all of whose data is sent. If the other side still
    /// sends on it, it is told that nobody listens (RFC 9113, section 8.1).
    func closeIfOver(_ flow: HTTP2Flow) {
        guard flow.localEnded, flow.user == nil else { return }
        if flow.remoteEnded { return remove(flow, .ended) }
        withOutput { $0.writeReset(stream: flow.id, .noError) }
        remove(flow, .resetByUs)
    }

    // MARK: What is received

    /// Lets the other side send as many bytes more, once it is worth a frame.
    ///
    /// - Parameter flow: `nil` for bytes that only the connection's window is owed.
    func credit(_ flow: HTTP2Flow?, _ count: Int) {
        guard count > 0, phase != .closing else { return }
        uncredited += count
        if uncredited >= max(HTTP2Settings.defaultWindow, limits.connectionWindow) / 2 {
            let increment = uncredited
            receiveWindow += increment
            uncredited = 0
            withOutput { $0.writeWindowUpdate(stream: 0, increment: increment) }
        }
        guard let flow, !flow.remoteEnded else { return }
        flow.uncredited += count
        if flow.uncredited >= limits.streamWindow / 2 {
            let increment = flow.uncredited
            flow.receiveWindow += increment
            flow.uncredited = 0
            withOutput { $0.writeWindowUpdate(stream: flow.id, increment: increment) }
        }
    }
}
