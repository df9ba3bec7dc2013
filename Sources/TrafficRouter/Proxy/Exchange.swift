import DeliveryModel
import NIOCore

/// One request on its way to an instance, and its answer on the way back.
///
/// Whatever happens, `instance` is claimed once and released once: all ways out go through `releaseInstance`.
final class Exchange {
    enum Stage {
        /// The service is paused; the request waits to be let on.
        case held
        /// Nothing has been sent yet.
        case connecting
        case awaitingHead
        case streaming
        case tunnel
        case done
    }

    let worker: Worker
    let head: RequestHead
    let origin: RequestOrigin
    let started: NIODeadline
    /// Cut when the exchange is over, so that neither side keeps the other alive.
    var client: ClientStream?
    var stage = Stage.connecting
    var lastProgress: NIODeadline
    /// `nil` until decided.
    var choice: RouteChoice?
    var upstream: UpstreamStream?
    var rescue = Rescue.none
    /// The request is to be mirrored: told of all that passes.
    var mirrored: MirroredRequest?
    /// The candidate whose failure the baseline makes good.
    var rescuedFrom: LiveRelease?
    /// When waiting, or waiting for this attempt to begin to be answered, is over.
    private var deadline: NIODeadline?
    /// Among the worker's exchanges that have a deadline; `nil`: this one has none.
    var deadlinePlace: Int?

    var instance: LiveInstance?
    /// The instance of the last attempt, which the outcome is counted for; `instance` is let go before that.
    var attempted: LiveInstance?
    var tried: [LiveInstance] = []
    /// Body that may have to be sent (again).
    var kept: [ByteBuffer] = []
    var keptBytes = 0
    var requestEnded = false
    var requestTrailers: [TrailerField] = []
    var bodySent = false
    var answerSeen = false
    var isAnswerMalformed = false
    var retriedStale = false
    var wasHeld = false
    var status = 0
    /// Bytes of bodies that were passed on.
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0
    /// When the last attempt's head was sent, and how long its answer's head took.
    var sentAt: NIODeadline?
    var upstreamTime: TimeAmount?

    convenience init(
        worker: Worker, client: ClientStream, head: RequestHead, scheme: URLScheme, started: NIODeadline
    ) {
        let peer = client.peer
        let given = peer.isTrusted ? head.first(.xRequestID).flatMap { RequestID(given: head.bytes[$0]) } : nil
        let origin = RequestOrigin(peer: peer, scheme: scheme, requestID: given ?? worker.requestIDs.next())
        self.init(worker: worker, client: client, head: head, origin: origin, started: started)
    }

    init(worker: Worker, client: ClientStream, head: RequestHead, origin: RequestOrigin, started: NIODeadline) {
        self.worker = worker
        self.client = client
        self.head = head
        self.origin = origin
        self.started = started
        lastProgress = started
    }

    // MARK: Deadline

    func setDeadline(_ time: NIODeadline) {
        deadline = time
        if deadlinePlace == nil { worker.deadlines.add(self) }
    }

    func clearDeadline() { if deadlinePlace != nil { worker.deadlines.remove(self) } }

    func isOverdue(at now: NIODeadline) -> Bool { deadlinePlace != nil && deadline.map { $0 <= now } ?? false }

    // MARK: Choosing

    /// Chooses a release by the table in force, and an instance of it.
    func begin() {
        switch worker.decide(head, origin.peer) {
        case .refuse(let refusal):
            answer(refusal, marks: nil)
        case .release(let choice):
            self.choice = choice
            if let hold = choice.service.routed.hold { return wait(hold, choice) }
            if wasHeld { choice.service.standing.holds.resumed += 1 }
            if let mirror = choice.service.mirror { mirrored = mirror.choose(self, choice) }
            go(choice)
        }
    }

    func go(_ choice: RouteChoice) {
        rescue = Rescue(head, choice)
        if case .armed(_, let policy) = rescue { choice.service.standing.rescues.noteRequest(policy) }
        attempt()
    }

    /// The service is held: the request waits, or is turned away.
    func wait(_ hold: TrafficHold, _ choice: RouteChoice) {
        let standing = choice.service.standing
        let room = max(1, hold.maxRequests / worker.workerCount)
        guard hold.mode == .pause, standing.waiting.count < room else {
            standing.holds.refused[hold.mode == .stop ? "stopped" : "too_many", default: 0] += 1
            return answer(Refusal(hold), marks: nil)
        }
        if !wasHeld { standing.holds.held += 1 }
        wasHeld = true
        standing.hold(self)
        stage = .held
        setDeadline(started + TimeAmount(hold.maxWait))
    }

    /// The service is no longer paused: the table in force decides.
    func resume() {
        guard stage == .held else { return }
        stage = .connecting
        clearDeadline()
        lastProgress = .now()
        begin()
        flushUpstream()
    }

    /// Choosing and counting are one step on this loop, so that a burst spreads and nobody is sent to an instance that
    /// is draining.
    func attempt() {
        guard let choice else { return }
        let now = NIODeadline.now()
        guard let instance = choice.release.choose(now: now, except: tried) else { return noInstanceLeft(choice) }
        instance.inFlight += 1
        self.instance = instance
        // Copies count neither for the judge nor for the instance's health.
        if !origin.isCopy { attempted = instance }
        if case .armed(_, let policy) = rescue { setDeadline(now + TimeAmount(policy.deadline)) }
        guard !choice.release.speaksHTTP2 else { return open(to: instance) }
        let idle = head.method.isIdempotent ? worker.limits.upstreamIdleTimeout : worker.limits.unsafeReuseWindow
        while let connection = instance.pool.take(usedAfter: now - idle) {
            guard connection.isActive else { continue }
            connection.carry(self)
            return upstreamReady(connection)
        }
        open(to: instance)
    }

    func open(to instance: LiveInstance) {
        // Known before it connects, since a refusal may come at once.
        let timeout = choice?.service.connectTimeout ?? worker.limits.connectTimeout
        if choice?.release.speaksHTTP2 == true {
            let stream = instance.http2.makeStream(for: self, worker: worker, instance: instance, timeout: timeout)
            upstream = stream
            return stream.open()
        }
        let connection = HTTP1Upstream(worker: worker, instance: instance, exchange: self)
        upstream = connection
        connection.open(timeout: timeout)
    }

    func noInstanceLeft(_ choice: RouteChoice) {
        if choice.release.removed, !origin.isCopy { return chooseAgain() }
        attemptFailed(tried.isEmpty ? .noInstance(choice.release) : unreachable(choice))
    }

    func unreachable(_ choice: RouteChoice) -> Refusal {
        Refusal(
            status: 502,
            text: "no instance of release \(choice.release.mark) of service '\(choice.release.service)' "
                + "accepted a connection (\(tried.count) tried)")
    }

    /// The release left the table while nothing had been sent yet: the table in force decides anew.
    func chooseAgain() {
        // Whatever comes of it is not the doing of an instance that has left.
        attempted = nil
        switch worker.decide(head, origin.peer) {
        case .release(let other):
            choice = other
            go(other)
        case .refuse(let refusal):
            refuse(refusal)
        }
    }

    func connectFailed(_ connection: UpstreamStream) {
        guard stage == .connecting, upstream === connection, let choice else { return }
        upstream = nil
        let now = NIODeadline.now()
        choice.release.record(.connectFailed, of: connection.instance, started: now, now: now, worker: worker)
        tried.append(connection.instance)
        releaseInstance()
        if tried.count > worker.limits.maxConnectRetries { return attemptFailed(unreachable(choice)) }
        attempt()
    }
}
