import NIOCore

/// What comes in, frame by frame (RFC 9113, section 6).
extension HTTP2Endpoint {
    func take(_ header: FrameHeader, _ payload: ByteBuffer) throws(HTTP2Flaw) {
        switch header.type {
        case FrameType.data: try takeData(header, payload)
        case FrameType.headers: try takeHeaders(header, payload.readableBytesUInt8Span)
        case FrameType.continuation: try takeContinuation(header, payload.readableBytesUInt8Span)
        case FrameType.reset: try takeReset(header, payload)
        case FrameType.settings: try takeSettings(header, payload)
        case FrameType.ping: try takePing(header, payload)
        case FrameType.goAway: try takeGoAway(header, payload)
        case FrameType.windowUpdate: try takeWindowUpdate(header, payload)
        case FrameType.priority: try takePriority(header, payload)
        case FrameType.pushPromise: throw HTTP2Flaw(.pushPromise)
        default: try spendControl()
        }
    }

    private func spendControl() throws(HTTP2Flaw) {
        guard controlBudget.spend(now: now) else { throw HTTP2Flaw(.enhanceYourCalm, .controlFlood) }
    }

    // MARK: Streams

    private func takeData(_ header: FrameHeader, _ payload: ByteBuffer) throws(HTTP2Flaw) {
        guard header.stream != 0 else { throw HTTP2Flaw(.streamIdentifier) }
        // Padding counts for the windows too (section 6.9.1).
        let length = header.length
        guard length <= receiveWindow else { throw HTTP2Flaw(.flowControlError, .windowExceeded) }
        receiveWindow -= length
        var data = payload
        if header.has(FrameFlag.padded) {
            guard let padding = data.readInteger(as: UInt8.self), Int(padding) <= data.readableBytes else {
                throw HTTP2Flaw(.padding)
            }
            data.moveWriterIndex(to: data.writerIndex - Int(padding))
        }
        let endStream = header.has(FrameFlag.endStream)
        guard let flow = flows.find(header.stream) else {
            credit(nil, length)
            return try takeStray(header.stream)
        }
        guard !flow.remoteEnded else {
            credit(nil, length)
            return try failStream(flow.id, HTTP2Flaw(.streamClosed, .closedStream))
        }
        guard length <= flow.receiveWindow else {
            credit(nil, length)
            return try failStream(flow.id, HTTP2Flaw(.flowControlError, .windowExceeded))
        }
        flow.receiveWindow -= length
        if endStream { flow.remoteEnded = true }
        credit(flow, length - data.readableBytes)
        if data.readableBytes > 0 {
            controlBudget.earn(limits.controlFramesPerDataFrame)
        } else if !endStream {
            try spendControl()
        }
        receivedData(flow, data, endStream: endStream)
    }

    /// A frame that only an open stream may get, on one that is not open.
    private func takeStray(_ stream: UInt32) throws(HTTP2Flaw) {
        if isIdle(stream) { throw HTTP2Flaw(.idleStream) }
        switch closed.find(stream) {
        // It was on its way when the reset was sent.
        case .resetByUs: try spendControl()
        case .resetByPeer: try failStream(stream, HTTP2Flaw(.streamClosed, .closedStream))
        case .ended, nil: throw HTTP2Flaw(.streamClosed, .closedStream)
        }
    }

    private func takeHeaders(_ header: FrameHeader, _ payload: Span<UInt8>) throws(HTTP2Flaw) {
        guard header.stream != 0 else { throw HTTP2Flaw(.streamIdentifier) }
        var start = 0
        var end = payload.count
        if header.has(FrameFlag.padded) {
            guard end > 0 else { throw HTTP2Flaw(.frameSizeError, .frameLength) }
            end -= Int(payload[0])
            start = 1
        }
        var isSelfDependent = false
        if header.has(FrameFlag.priority) {
            guard payload.count >= start + 5 else { throw HTTP2Flaw(.frameSizeError, .frameLength) }
            isSelfDependent = FrameHeader.word(payload, at: start) & 0x7FFF_FFFF == header.stream
            start += 5
        }
        guard start <= end else { throw HTTP2Flaw(.padding) }
        // The end comes once more than a block that cannot be understood would (section 5.3.1 of RFC 7540).
        if isSelfDependent { throw HTTP2Flaw(.selfDependency) }
        try takeBlock(
            header.stream, endStream: header.has(FrameFlag.endStream), endHeaders: header.has(FrameFlag.endHeaders),
            payload.extracting(start..<end))
    }

    private func takeReset(_ header: FrameHeader, _ payload: ByteBuffer) throws(HTTP2Flaw) {
        guard header.stream != 0 else { throw HTTP2Flaw(.streamIdentifier) }
        guard let code = payload.getInteger(at: payload.readerIndex, as: UInt32.self), header.length == 4 else {
            throw HTTP2Flaw(.frameSizeError, .frameLength)
        }
        guard !isIdle(header.stream) else { throw HTTP2Flaw(.idleStream) }
        guard let flow = flows.find(header.stream) else { return try spendControl() }
        receivedReset(flow, HTTP2ErrorCode(rawValue: code))
    }

    private func takePriority(_ header: FrameHeader, _ payload: ByteBuffer) throws(HTTP2Flaw) {
        guard header.stream != 0 else { throw HTTP2Flaw(.streamIdentifier) }
        guard header.length == 5 else {
            return try failStream(header.stream, HTTP2Flaw(.frameSizeError, .frameLength))
        }
        // Priorities are not made use of (section 5.3.2).
        try spendControl()
        guard FrameHeader.word(payload.readableBytesUInt8Span, at: 0) & 0x7FFF_FFFF != header.stream else {
            return try failStream(header.stream, HTTP2Flaw(.selfDependency))
        }
    }

    // MARK: Connection

    private func takeSettings(_ header: FrameHeader, _ payload: ByteBuffer) throws(HTTP2Flaw) {
        guard header.stream == 0 else { throw HTTP2Flaw(.streamIdentifier) }
        try spendControl()
        if header.has(FrameFlag.acknowledge) {
            guard header.length == 0 else { throw HTTP2Flaw(.frameSizeError, .frameLength) }
            return
        }
        let before = peerSettings.initialWindow
        try peerSettings.apply(payload.readableBytesUInt8Span, isServer: peerIsServer)
        let change = peerSettings.initialWindow - before
        for flow in flows.flows where change != 0 {
            flow.sendWindow += change
            guard flow.sendWindow <= HTTP2Settings.maxWindow else {
                throw HTTP2Flaw(.flowControlError, .windowOverflow)
            }
        }
        noteTableLimit()
        withOutput { $0.writeSettingsAcknowledgement() }
        receivedSettings()
        if change > 0 { pump() }
    }

    private func takePing(_ header: FrameHeader, _ payload: ByteBuffer) throws(HTTP2Flaw) {
        guard header.stream == 0 else { throw HTTP2Flaw(.streamIdentifier) }
        guard let data = payload.getInteger(at: payload.readerIndex, as: UInt64.self), header.length == 8 else {
            throw HTTP2Flaw(.frameSizeError, .frameLength)
        }
        try spendControl()
        if header.has(FrameFlag.acknowledge) { return receivedPingAcknowledgement() }
        withOutput { $0.writePing(data, isAcknowledgement: true) }
    }

    private func takeGoAway(_ header: FrameHeader, _ payload: ByteBuffer) throws(HTTP2Flaw) {
        guard header.stream == 0 else { throw HTTP2Flaw(.streamIdentifier) }
        guard header.length >= 8 else { throw HTTP2Flaw(.frameSizeError, .frameLength) }
        try spendControl()
        let span = payload.readableBytesUInt8Span
        receivedGoAway(
            lastStream: FrameHeader.word(span, at: 0) & 0x7FFF_FFFF,
            HTTP2ErrorCode(rawValue: FrameHeader.word(span, at: 4)))
    }

    private func takeWindowUpdate(_ header: FrameHeader, _ payload: ByteBuffer) throws(HTTP2Flaw) {
        guard let word = payload.getInteger(at: payload.readerIndex, as: UInt32.self), header.length == 4 else {
            throw HTTP2Flaw(.frameSizeError, .frameLength)
        }
        try spendControl()
        let increment = Int(word & 0x7FFF_FFFF)
        guard header.stream != 0 else {
            guard increment > 0 else { throw HTTP2Flaw(.windowIncrement) }
            sendWindow += increment
            guard sendWindow <= HTTP2Settings.maxWindow else {
                throw HTTP2Flaw(.flowControlError, .windowOverflow)
            }
            return pump()
        }
        guard !isIdle(header.stream) else { throw HTTP2Flaw(.idleStream) }
        guard increment > 0 else { return try failStream(header.stream, HTTP2Flaw(.windowIncrement)) }
        // One that is closed may still get some for a while.
        guard let flow = flows.find(header.stream) else { return }
        flow.sendWindow += increment
        guard flow.sendWindow <= HTTP2Settings.maxWindow else {
            return try failStream(flow.id, HTTP2Flaw(.flowControlError, .windowOverflow))
        }
        if flow.isBlocked { pump() }
    }
}
