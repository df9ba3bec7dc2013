import NIOCore

/// The exchanges of one event loop that have a deadline of their own, and the timer that looks at them.
///
/// One timer for all, which runs only while there are any: a timer for each request would cost more than the request.
final class DeadlineWatch {
    /// A request that waits for a silent candidate waits at most this much longer than its deadline.
    static let interval = TimeAmount.milliseconds(2)
    /// Looks at nothing after which the timer ends.
    private static let idleLimit = 500

    private let eventLoop: any EventLoop
    private var exchanges: [Exchange] = []
    private var timer: RepeatedTask?
    private var idleLooks = 0

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func add(_ exchange: Exchange) {
        exchange.deadlinePlace = exchanges.count
        exchanges.append(exchange)
        if timer == nil { start() }
    }

    func remove(_ exchange: Exchange) {
        guard let place = exchange.deadlinePlace else { return }
        exchange.deadlinePlace = nil
        let last = exchanges.removeLast()
        guard last !== exchange else { return }
        exchanges[place] = last
        last.deadlinePlace = place
    }

    func stop() {
        timer?.cancel()
        timer = nil
    }

    private func start() {
        idleLooks = 0
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            bound.value.look()
        }
    }

    private func look() {
        guard !exchanges.isEmpty else {
            idleLooks += 1
            if idleLooks > Self.idleLimit { stop() }
            return
        }
        idleLooks = 0
        let now = NIODeadline.now()
        // A copy: what is over leaves, and what is tried again comes back with a new deadline.
        for exchange in exchanges where exchange.isOverdue(at: now) { exchange.meetDeadline() }
    }
}
