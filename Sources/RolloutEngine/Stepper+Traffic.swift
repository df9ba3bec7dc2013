import DeliveryModel

extension Stepper {
    /// Keeps the service's requests back, or lets them go on. Rollouts, undo and redo go on beneath it.
    mutating func setHold(_ wanted: TrafficHold?, actor: String) {
        var hold = wanted
        hold?.by = actor
        // Set again with other numbers, it is still the hold that began then.
        let mode = hold?.mode
        hold?.since = state.hold?.mode == mode ? state.hold?.since ?? now : now
        guard hold != state.hold else { return }
        state.hold = hold
        let why = hold.map { $0.reason.isEmpty ? "" : ": " + $0.reason } ?? ""
        switch hold?.mode {
        case .pause: note("traffic.paused", actor: actor, release: state.live, "requests wait, by \(actor)\(why)")
        case .stop: note("traffic.stopped", actor: actor, release: state.live, "requests get 503, by \(actor)\(why)")
        case nil: note("traffic.resumed", actor: actor, release: state.live, "requests go on, by \(actor)")
        }
        reroute()
    }
}
