import NIOCore
import NIOHTTP1

/// One request on its way to an instance and its answer on the way back.
///
/// Whatever happens, `instance` is claimed once and released once: all ways out go through `releaseInstance`.
final class Exchange {
    enum Stage {
        /// Nothing has been sent yet.
        case connecting
        case awaitingHead
        case streaming
        case done
    }

    let worker: Worker
    /// Cut when the exchange is over, so that neither side keeps the other alive.
    private(set) var client: TrafficServerHandler?
    private(set) var choice: RouteChoice
    private(set) var stage = Stage.connecting
    private(set) var instance: LiveInstance?
    private(set) var upstream: UpstreamConnection?
    private(set) var lastProgress: NIODeadline

    private let request: ForwardedRequest
    private let started: NIODeadline
    private var status = 0
    /// Body read before the connection was ready; at most one read of the client's socket.
    private var early = CircularBuffer<ByteBuffer>()
    private var requestEnded = false
    private var bodySent = false
    private var answerBegun = false
    private var retriedStale = false
    private var tried: [LiveInstance] = []
    /// The instance of the last attempt, which the outcome is counted for; `instance` is let go before that.
    private var attempted: LiveInstance?

    init(
        worker: Worker, client: TrafficServerHandler, request: ForwardedRequest, choice: RouteChoice,
        started: NIODeadline
    ) {
        self.worker = worker
        self.client = client
        self.request = request
        self.choice = choice
        self.started = started
        lastProgress = started
    }

    // MARK: Choosing an instance

    func begin() { attempt() }

    private func attempt() {
        let now = NIODeadline.now()
        guard let instance = choice.release.leastLoaded(now: now, except: tried) else { return noInstanceLeft() }
        // Choosing and counting are one step on this loop, so that a burst spreads.
        instance.inFlight += 1
        self.instance = instance
        attempted = instance
        let idle = request.isIdempotent ? worker.limits.upstreamIdleTimeout : worker.limits.unsafeReuseWindow
        while let connection = instance.pool.take(usedAfter: now - idle) {
            guard connection.isActive else { continue }
            connection.carry(self)
            return upstreamReady(connection)
        }
        open(to: instance)
    }

    private func open(to instance: LiveInstance) {
        // Known before it connects, since a refusal may come at once.
        let connection = UpstreamConnection(instance: instance, worker: worker, exchange: self)
        upstream = connection
        connection.open()
    }

    private func noInstanceLeft() {
        if choice.release.removed { return chooseAgain() }
        if tried.isEmpty { return refuse(.noInstance(choice.release)) }
        refuse(unreachable)
    }

    private var unreachable: Refusal {
        Refusal(
            status: .badGateway,
            text: "no instance of release \(choice.release.mark) of service '\(choice.release.service)' "
                + "accepted a connection (\(tried.count) tried)")
    }

    /// The release left the table while nothing had been sent yet: the table in force decides anew.
    private func chooseAgain() {
        // Whatever comes of it is not the doing of an instance that has left.
        attempted = nil
        switch worker.decide(request.question) {
        case .release(let other): choice = other
        case .refuse(let refusal): return refuse(refusal)
        }
        attempt()
    }

    func connectFailed(_ connection: UpstreamConnection) {
        guard stage == .connecting, upstream === connection else { return }
        upstream = nil
        connection.instance.avoidUntil = .now() + worker.limits.connectFailurePenalty
        tried.append(connection.instance)
        releaseInstance()
        if tried.count > worker.limits.maxConnectRetries { return refuse(unreachable) }
        attempt()
    }

    // MARK: The request

    /// Whether more of the request's body can be taken.
    var takesMoreBody: Bool { stage != .connecting && (upstream?.isWritable ?? true) }

    func requestBody(_ buffer: ByteBuffer) {
        lastProgress = .now()
        guard stage != .connecting, let upstream else {
            if stage == .connecting { early.append(buffer) }
            return
        }
        bodySent = true
        upstream.write(.body(.byteBuffer(buffer)))
    }

    func requestEnd() {
        requestEnded = true
        if stage != .connecting { upstream?.write(.end(nil)) }
    }

    func flushUpstream() {
        if stage != .connecting { upstream?.flush() }
    }

    func upstreamReady(_ connection: UpstreamConnection) {
        guard stage == .connecting else { return connection.abandon() }
        upstream = connection
        stage = .awaitingHead
        lastProgress = .now()
        connection.write(.head(request.head))
        while let buffer = early.popFirst() {
            bodySent = true
            connection.write(.body(.byteBuffer(buffer)))
        }
        if requestEnded { connection.write(.end(nil)) }
        connection.flush()
        client?.resumeReading()
    }

    func upstreamTakesMore() {
        lastProgress = .now()
        client?.resumeReading()
    }

    // MARK: The answer

    var clientTakesMore: Bool { client?.isWritable ?? true }

    func clientBecameWritable() {
        lastProgress = .now()
        upstream?.resumeReading()
    }

    func responseHead(_ head: HTTPResponseHead) {
        guard let client else { return }
        lastProgress = .now()
        answerBegun = true
        if head.status.code < 200 {
            // Upgrade is not forwarded, so an instance has no reason to switch protocols.
            if head.status.code == 101 { return fail("switched protocols without being asked") }
            client.passInformational(head)
            return
        }
        guard stage == .awaitingHead else { return }
        stage = .streaming
        status = Int(head.status.code)
        client.beginAnswer(head, marks: ResponseMarks(release: choice.release.mark, newKey: choice.newKey))
    }

    func responseBody(_ buffer: ByteBuffer) {
        lastProgress = .now()
        client?.passBody(buffer)
    }

    func responseBurstEnded() { client?.flush() }

    func responseEnd() {
        guard stage == .streaming, let client else { return }
        let connection = upstream
        let tally = tally(status: status, bad: status >= 500)
        finish()
        // The instance is let go first: ending the answer may close the client, which would take the connection along.
        connection?.release(reusable: requestEnded)
        client.endAnswer(tally)
    }

    // MARK: Ways out

    /// The connection ended before the answer did.
    func upstreamLost(_ connection: UpstreamConnection) {
        guard upstream === connection else { return }
        switch stage {
        case .connecting:
            connectFailed(connection)
        case .awaitingHead:
            upstream = nil
            guard let instance, connection.isReused, request.isIdempotent, !bodySent, !answerBegun, !retriedStale
            else { return fail("closed the connection before answering") }
            retriedStale = true
            stage = .connecting
            open(to: instance)
        case .streaming:
            upstream = nil
            fail("closed the connection within its answer")
        case .done:
            break
        }
    }

    private func fail(_ what: String, status: HTTPResponseStatus = .badGateway) {
        refuse(Refusal(status: status, text: "an instance of release \(choice.release.mark) \(what)"))
    }

    /// Ends the exchange with an answer of the router's own; once the instance's answer has begun, only closing can
    /// tell the client.
    private func refuse(_ refusal: Refusal) {
        guard let client else { return }
        let (connection, wasStreaming) = (upstream, stage == .streaming)
        let tally = tally(status: wasStreaming ? status : Int(refusal.status.code), bad: true)
        let mark = choice.release.mark
        finish()
        connection?.abandon()
        if wasStreaming {
            tally.record()
            client.close()
        } else {
            client.answer(refusal, release: mark, tally: tally)
        }
    }

    /// The client left: nothing counts, and the instance need not go on.
    func clientGone() {
        guard stage != .done else { return }
        let connection = upstream
        finish()
        connection?.abandon()
    }

    private func finish() {
        stage = .done
        upstream = nil
        client = nil
        attempted = nil
        early.removeAll()
        releaseInstance()
    }

    private func releaseInstance() {
        guard let instance else { return }
        self.instance = nil
        instance.inFlight -= 1
        worker.forgetIfGone(instance)
    }

    private func tally(status: Int, bad: Bool) -> Tally {
        Tally(
            release: choice.isExplicit ? nil : choice.release, instance: attempted, status: status, bad: bad,
            started: started)
    }

    /// Ends what takes too long, and blames the side that is waited for.
    func sweep(now: NIODeadline) {
        let limits = worker.limits
        let silence = now - lastProgress
        switch stage {
        case .connecting, .done:
            break
        case .awaitingHead:
            if !requestEnded, takesMoreBody {
                if silence > limits.clientStallTimeout { client?.close() }
            } else if silence > limits.upstreamResponseTimeout {
                fail(
                    "did not answer within \(limits.upstreamResponseTimeout.nanoseconds / 1_000_000) ms",
                    status: .gatewayTimeout)
            }
        case .streaming:
            if !clientTakesMore {
                if silence > limits.clientStallTimeout { client?.close() }
            } else if silence > limits.upstreamStreamTimeout {
                fail("fell silent within its answer")
            }
        }
    }
}

/// A request as it goes to an instance, and what chose that instance.
struct ForwardedRequest {
    let head: HTTPRequestHead
    let question: RouteQuestion
    /// May be sent twice (RFC 9110, section 9.2.2).
    let isIdempotent: Bool
}

/// What is counted once the last byte of an answer is written.
struct Tally {
    /// `nil`: not counted.
    let release: LiveRelease?
    /// `nil`: no instance could be tried.
    let instance: LiveInstance?
    let status: Int
    let bad: Bool
    let started: NIODeadline

    func record() {
        guard let release else { return }
        release.counts.record(status: status, bad: bad, nanoseconds: (.now() - started).nanoseconds)
        instance?.counts.record(bad: bad)
    }
}

extension HTTPMethod {
    var isIdempotent: Bool {
        switch self {
        case .GET, .HEAD, .PUT, .DELETE, .OPTIONS, .TRACE: true
        default: false
        }
    }
}
