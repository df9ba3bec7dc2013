import NIOCore

extension Exchange {
    /// Tells the health of this attempt's instance how the attempt ended. Nothing once the instance was let go, which
    /// is so after it refused the connection: that has been told.
    func note(_ outcome: InstanceOutcome) {
        // A copy says nothing of how people are served.
        guard !origin.isCopy, let instance else { return }
        // It may have waited for what the client did not send.
        if outcome == .deadline, !requestEnded { return }
        let now = outcome == .success ? lastProgress : .now()
        choice?.release.record(outcome, of: instance, started: sentAt ?? started, now: now, worker: worker)
    }
}
