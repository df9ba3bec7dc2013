import DeliveryModel
import NIOCore

/// The answer, on its way to the client.
extension Exchange {
    var clientTakesMore: Bool { client?.isWritable ?? true }
    var clientTakesChunkFraming: Bool { client?.takesChunkFraming ?? false }

    func clientBecameWritable() {
        lastProgress = .now()
        upstream?.resumeReading()
    }

    func responseHead(_ answer: ResponseHead) {
        guard let client, let choice else { return }
        lastProgress = .now()
        if answer.status < 200 { return informational(answer, client, choice) }
        guard stage == .awaitingHead else { return }
        upstreamTime = sentAt.map { lastProgress - $0 }
        if answer.status >= 500 || upstream?.tellsFailure == true, rescued(status: answer.status, cause: "5xx") {
            return
        }
        answerSeen = true
        stage = .streaming
        rescue = .none
        clearDeadline()
        dropKept()
        status = answer.status
        client.sendHead(answer, marks(choice))
        mirrored?.answerHead(answer)
    }

    func informational(_ answer: ResponseHead, _ client: ClientStream, _ choice: RouteChoice) {
        guard answer.status == 101 else {
            answerSeen = true
            return client.sendInformational(answer)
        }
        guard head.wantsUpgrade, stage == .awaitingHead else {
            return attemptFailed(from(choice, "switched protocols without being asked"))
        }
        stage = .tunnel
        rescue = .none
        clearDeadline()
        status = 101
        tally(status: 101, bad: false).record()
        note(.success)
        client.beginTunnel(answer, marks(choice))
        upstream?.beginTunnel()
    }

    /// Whether the answer says that the instance failed: by its status, or, in gRPC, by a field.
    private var isFailure: Bool { status >= 500 || upstream?.tellsFailure == true }

    func marks(_ choice: RouteChoice) -> AnswerMarks {
        AnswerMarks(release: choice.release.mark, newCookie: choice.newCookie, requestID: origin.requestID)
    }

    func responseBody(_ buffer: ByteBuffer, isFramed: Bool) {
        lastProgress = .now()
        bytesOut += UInt64(buffer.readableBytes)
        client?.sendBody(buffer, isFramed: isFramed)
        mirrored?.answerBody(buffer, isFramed: isFramed)
    }

    func responseBurstEnded() { client?.flush() }

    func responseEnd(trailers: [TrailerField]) {
        guard stage == .streaming, let client else { return }
        let mirrored = mirrored
        self.mirrored = nil
        if let rescuedFrom {
            if !isFailure {
                rescuedFrom.counters.rescues.answered += 1
            } else {
                rescuedFrom.counters.rescues.failed += 1
            }
        }
        let connection = upstream
        let tally = tally(status: status, bad: isFailure)
        log(status: status)
        note(isFailure ? .serverError : InstanceOutcome(status: status))
        finish()
        tally.record()
        // The instance is let go first: ending the answer may close the client, which would take the connection along.
        connection?.release(reusable: requestEnded)
        client.sendEnd(trailers: trailers)
        if let mirrored, let choice {
            mirrored.answerEnded(by: choice.release, isWhole: requestEnded, trailers: requestTrailers)
        }
    }
}
