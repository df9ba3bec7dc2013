import NIOCore

/// Taking requests out of what was received.
extension HTTP1Connection {
    /// Takes from `input` what the phase allows.
    func take() {
        guard !isTaking else { return }
        isTaking = true
        while takeOne() {}
        isTaking = false
        // Dropped, so that the system's next read can use the same memory.
        if input.readableBytes == 0 { input = ByteBuffer() }
    }

    /// - Returns: whether there may be more to take.
    func takeOne() -> Bool {
        switch phase {
        case .idle:
            return takeHead()
        case .exchanging:
            guard !requestEnded, let exchange, exchange.takesMoreBody else { return false }
            return takeBody { exchange.requestBody($0) }
        case .discarding:
            return takeBody { [self] piece in
                discarded += piece.readableBytes
                if discarded > worker.limits.maxDiscardedBytes { close() }
            }
        case .tunnel:
            guard let exchange, exchange.takesMoreBody, let all = input.readSlice(length: input.readableBytes),
                all.readableBytes > 0
            else { return false }
            exchange.requestBody(all)
            return false
        case .closing:
            // A peer that has sent all of its request loses nothing when the connection closes.
            if !requestEnded { _ = takeBody { _ in } } else { input.clear() }
            return false
        }
    }

    func takeHead() -> Bool {
        // One empty line before a request is a habit of old clients (RFC 9112, section 2.2).
        guard input.readableBytes > 0 else { return false }
        do throws(HeadFlaw) {
            let limits = worker.headLimits
            guard
                let length = try RequestHead.length(
                    of: input, scannedTo: &scanned, limits: limits)
            else {
                // The first bytes of a head: from here on the client has `headTimeout` for the rest.
                if !isWithinHead { phaseSince = .now() }
                isWithinHead = true
                return false
            }
            head = worker.spareHeads.take()
            try head.parse(input, length: length, limits: limits)
            input.moveReaderIndex(forwardBy: length)
            scanned = 0
        } catch {
            if isHTTP2 { enterHTTP2() } else { refuse(error) }
            return false
        }
        begin()
        return true
    }

    func begin() {
        isWithinHead = false
        isUnknown = false
        keepAlive = head.keepsAlive
        (requestEnded, answerBegun, answerIsChunked, discarded, bodyBytes) = (false, false, false, 0, 0)
        enter(.exchanging)
        body = BodyReader(head.framing, keepsFraming: false)
        let exchange = Exchange(worker: worker, client: self, head: head, scheme: scheme, started: phaseSince)
        self.exchange = exchange
        exchange.begin()
        if case .none = head.framing { endRequest([]) }
    }

    func takeBody(_ handle: (ByteBuffer) -> Void) -> Bool {
        do throws(HeadFlaw) {
            switch try body.next(&input, worker.headLimits) {
            case .bytes(let piece, _):
                bodyBytes += UInt64(piece.readableBytes)
                handle(piece)
                return true
            case .end(let trailers):
                endRequest(trailers)
                return true
            case .starved:
                return false
            }
        } catch {
            refuse(error)
            return false
        }
    }

    func endRequest(_ trailers: [TrailerField]) {
        guard !requestEnded else { return }
        requestEnded = true
        switch phase {
        case .exchanging: exchange?.requestEnd(trailers: trailers)
        case .discarding: finishRequest()
        case .closing: context?.close(promise: nil)
        case .idle, .tunnel: break
        }
    }

    /// Refuses what cannot be understood, after which nothing on this connection can be trusted.
    func refuse(_ flaw: HeadFlaw) {
        worker.counters.flaws[flaw.code.rawValue, default: 0] += 1
        refuse(Refusal(flaw))
    }

    func refuse(_ refusal: Refusal) {
        letGo()
        input.clear()
        switch phase {
        case .closing: return
        case .discarding, .tunnel: return close()
        case .idle:
            head = worker.noHead
            (answerBegun, requestEnded) = (false, false)
        case .exchanging: break
        }
        guard !answerBegun else { return close() }
        enter(.exchanging)
        keepAlive = false
        sendRefusal(refusal, marks: nil)
    }
}
