import DeliveryModel
import NIOCore

/// The request, on its way to the instance.
extension Exchange {
    /// Whether more of the request's body can be taken.
    var takesMoreBody: Bool {
        switch stage {
        case .held, .connecting, .done: false
        case .awaitingHead, .streaming, .tunnel: upstream?.isWritable ?? true
        }
    }

    func requestBody(_ buffer: ByteBuffer) {
        lastProgress = .now()
        bytesIn += UInt64(buffer.readableBytes)
        if stage == .tunnel {
            upstream?.sendBody(buffer)
            return
        }
        mirrored?.requestBody(buffer)
        let isEarly = stage == .held || stage == .connecting
        if isEarly || rescue.isArmed { keep(buffer) }
        guard !isEarly, let upstream else { return }
        bodySent = true
        upstream.sendBody(buffer)
    }

    func keep(_ buffer: ByteBuffer) {
        kept.append(buffer)
        keptBytes += buffer.readableBytes
        guard rescue.isArmed, keptBytes > rescue.maximumBody else { return }
        rescue = .none
        if stage != .held, stage != .connecting { dropKept() }
    }

    func dropKept() {
        kept = []
        keptBytes = 0
    }

    func requestEnd(trailers: [TrailerField]) {
        requestEnded = true
        requestTrailers = trailers
        if stage == .awaitingHead || stage == .streaming { upstream?.sendEnd(trailers: trailers) }
    }

    func flushUpstream() {
        if stage != .connecting { upstream?.flush() }
    }

    func upstreamReady(_ connection: UpstreamStream) {
        guard stage == .connecting, let choice else { return connection.abandon() }
        upstream = connection
        stage = .awaitingHead
        lastProgress = .now()
        sentAt = lastProgress
        var origin = origin
        origin.mayName = choice.mayName
        connection.sendHead(head, origin)
        for buffer in kept {
            bodySent = true
            connection.sendBody(buffer)
        }
        if !rescue.isArmed { dropKept() }
        if requestEnded { connection.sendEnd(trailers: requestTrailers) }
        // Within a burst the rest of the request may be there already: head and body then leave in one write.
        if client?.isInBurst != true { connection.flush() }
        client?.exchangeTakesMore()
    }

    func upstreamTakesMore() {
        lastProgress = .now()
        client?.exchangeTakesMore()
    }
}
