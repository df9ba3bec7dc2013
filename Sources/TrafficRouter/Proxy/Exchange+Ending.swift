import DeliveryModel
import NIOCore

/// All ways in which an exchange ends, or begins again at the baseline.
extension Exchange {
    // MARK: Ways out

    /// The connection ended before the answer did.
    func upstreamLost(_ connection: UpstreamStream) {
        guard upstream === connection, let choice else { return }
        switch stage {
        case .held, .done:
            break
        case .connecting:
            guard let instance, connection.wasUntouched, !retriedStale else { return connectFailed(connection) }
            retriedStale = true
            open(to: instance)
        case .awaitingHead:
            upstream = nil
            guard let instance, connection.isReused, head.method.isIdempotent || connection.wasUntouched,
                !bodySent, !answerSeen, !retriedStale
            else { return attemptFailed(from(choice, "closed the connection before answering")) }
            retriedStale = true
            stage = .connecting
            open(to: instance)
        case .streaming:
            upstream = nil
            refuse(from(choice, "closed the connection within its answer"))
        case .tunnel:
            upstream = nil
            endTunnel()
        }
    }

    func upstreamMalformed(_ flaw: HeadFlaw) {
        guard let choice else { return }
        isAnswerMalformed = true
        attemptFailed(from(choice, "sent a malformed answer (\(flaw.code.rawValue))"))
    }

    func from(_ choice: RouteChoice, _ what: String, status: Int = 502) -> Refusal {
        Refusal(status: status, text: "an instance of release \(choice.release.mark) \(what)")
    }

    /// This attempt has failed; before the answer has begun another release may give it.
    func attemptFailed(_ refusal: Refusal) {
        let cause = refusal.status == 504 ? "deadline" : stage == .connecting ? "connect" : "reset"
        if stage != .streaming, rescued(status: refusal.status, cause: cause) { return }
        refuse(refusal)
    }

    /// Sends the request to the baseline instead, if it is armed for that.
    func rescued(status: Int, cause: String) -> Bool {
        guard case .armed(let baseline, let policy) = rescue, let choice, !answerSeen else { return false }
        rescue = .none
        guard !baseline.removed else { return false }
        guard choice.service.mayRescue(policy) else {
            choice.release.counters.rescues.skipped["budget", default: 0] += 1
            return false
        }
        choice.release.counters.rescues.attempted[cause, default: 0] += 1
        rescuedFrom = choice.release
        note(cause == "5xx" ? .serverError : status == 504 ? .deadline : .reset)
        tally(status: status, bad: true).record()
        let connection = upstream
        upstream = nil
        connection?.abandon()
        releaseInstance()
        tried = []
        retriedStale = false
        self.choice = choice.rescued(by: baseline)
        stage = .connecting
        setDeadline(.now() + TimeAmount(policy.deadline))
        attempt()
        // A pooled connection is written to at once; nothing else would flush it.
        upstream?.flush()
        return true
    }

    /// Ends the exchange with an answer of the router's own; once the instance's answer has begun, only breaking it off
    /// can tell the client.
    func refuse(_ refusal: Refusal) {
        guard let client else { return }
        rescuedFrom?.counters.rescues.failed += 1
        let (connection, wasStreaming) = (upstream, stage == .streaming)
        note(refusal.status == 504 ? .deadline : .reset)
        let tally = tally(status: wasStreaming ? status : refusal.status, bad: true)
        let marks = choice.map(marks)
        log(status: wasStreaming ? status : refusal.status, refusal: refusal.text)
        finish()
        tally.record()
        connection?.abandon()
        if wasStreaming { client.abort() } else { client.sendRefusal(refusal, marks: marks) }
    }

    /// Answers in words of the router's own what no release has to answer for.
    func answer(_ refusal: Refusal, marks: AnswerMarks?) {
        guard let client else { return }
        log(status: refusal.status, refusal: refusal.text)
        finish()
        client.sendRefusal(refusal, marks: marks)
    }

    /// The client left: nothing counts, and the instance need not go on.
    func clientGone() {
        guard stage != .done else { return }
        let connection = upstream
        log(status: stage == .streaming || stage == .tunnel ? status : 0)
        if stage == .held, let standing = choice?.service.standing {
            standing.unhold(self)
            standing.holds.refused["client_gone", default: 0] += 1
        }
        finish()
        connection?.abandon()
    }

    func endTunnel() {
        guard let client else { return }
        let connection = upstream
        log(status: status)
        finish()
        connection?.abandon()
        client.flush()
        client.abort()
    }

    func finish() {
        stage = .done
        mirrored?.answerLost()
        mirrored = nil
        upstream = nil
        client = nil
        attempted = nil
        dropKept()
        rescue = .none
        clearDeadline()
        releaseInstance()
    }

    func releaseInstance() {
        guard let instance else { return }
        self.instance = nil
        instance.inFlight -= 1
        worker.forgetIfGone(instance)
    }

    func tally(status: Int, bad: Bool) -> Tally {
        Tally(
            release: choice?.isCounted == true ? choice?.release : nil, instance: attempted, status: status, bad: bad,
            started: started)
    }

    // MARK: Time

    /// The deadline has passed.
    func meetDeadline() {
        clearDeadline()
        guard let choice else { return }
        switch stage {
        case .held:
            choice.service.standing.unhold(self)
            choice.service.standing.holds.refused["timeout", default: 0] += 1
            answer(choice.service.routed.hold.map(Refusal.init) ?? .noInstance(choice.release), marks: nil)
        case .connecting, .awaitingHead:
            attemptFailed(from(choice, "did not answer by the deadline", status: 504))
        case .streaming, .tunnel, .done:
            break
        }
    }

    /// Ends what takes too long, and blames the side that is waited for.
    func sweep(now: NIODeadline) {
        guard let choice else { return }
        let limits = worker.limits
        let silence = now - lastProgress
        switch stage {
        case .held, .done:
            break
        case .connecting:
            // A new connection has a deadline of its own; here it is room on an HTTP/2 connection that is waited for.
            guard upstream?.waitsForRoom == true, silence > choice.service.responseTimeout else { return }
            attemptFailed(from(choice, "had no room for the request in time", status: 504))
        case .awaitingHead:
            let limit = choice.service.responseTimeout
            if !requestEnded, takesMoreBody {
                if silence > limits.clientStallTimeout { client?.abort() }
            } else if silence > limit {
                attemptFailed(from(choice, "did not answer within \(limit.nanoseconds / 1_000_000) ms", status: 504))
            }
        case .streaming:
            if !clientTakesMore {
                if silence > limits.clientStallTimeout { client?.abort() }
            } else if silence > choice.service.streamTimeout {
                refuse(from(choice, "fell silent within its answer"))
            }
        case .tunnel:
            let isLeaving = worker.isStopping || instance?.removed == true
            if silence > limits.tunnelIdleTimeout || isLeaving && worker.isDrainOver(instance, now: now) { endTunnel() }
        }
    }
}
