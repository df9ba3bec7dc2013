import NIOCore

/// Deadlines of a client connection, one for each phase.
extension HTTP1Connection {
    /// Ends what takes too long.
    func sweep(now: NIODeadline) {
        let limits = worker.limits
        let elapsed = now - phaseSince
        switch phase {
        case .idle:
            if isWithinHead {
                if elapsed > limits.headTimeout {
                    worker.counters.limits["head_timeout", default: 0] += 1
                    refuse(.headTooSlow)
                }
            } else if isUnknown, elapsed > limits.headTimeout {
                worker.counters.limits["head_timeout", default: 0] += 1
                close()
            } else if elapsed > limits.clientIdleTimeout {
                close()
            }
        case .discarding: if elapsed > limits.discardTimeout { close() }
        case .closing: if elapsed > (requestEnded ? limits.clientStallTimeout : limits.discardTimeout) { close() }
        case .exchanging:
            if !requestEnded, isBodyTooSlow(elapsed) {
                worker.counters.limits["body_rate", default: 0] += 1
                return refuse(.bodyTooSlow)
            }
            exchange?.sweep(now: now)
        case .tunnel: exchange?.sweep(now: now)
        }
    }

    /// A body must come at least at the least rate, once its time of grace is over: silence is judged apart.
    func isBodyTooSlow(_ elapsed: TimeAmount) -> Bool {
        guard elapsed > worker.limits.bodyGrace, exchange?.takesMoreBody ?? false else { return false }
        return Double(bodyBytes) < Double(worker.limits.minBodyBytesPerSecond) * Double(elapsed.nanoseconds) * 1e-9
    }
}
