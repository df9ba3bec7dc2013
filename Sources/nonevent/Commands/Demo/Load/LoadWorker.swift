import DeliveryModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends requests when they are due, however slow the answers are (an open loop: Tene, "How not to measure latency").
/// Lives on one event loop.
final class LoadWorker {
    static let connections = 128
    /// Requests that may wait for a connection before they count as failed.
    static let waitingRequests = 20_000
    static let connectLimit = TimeAmount.seconds(5)
    static let answerLimit = TimeAmount.seconds(10)
    static let tickInterval = TimeAmount.milliseconds(1)

    let samples: LoadSamples
    private let loop: any EventLoop
    private let target: LoadTarget
    private let rate: Int
    private var idle: [LoadConnection] = []
    private var open: [ObjectIdentifier: LoadConnection] = [:]
    private var connecting = 0
    private var waiting: [Timestamp] = []
    private var issued = 0
    private var startedAt = NIODeadline.distantPast
    private var startedTime = Timestamp.now
    private var lastPatrol = NIODeadline.distantPast
    private var ticker: RepeatedTask?
    private var isStopping = false

    init(loop: any EventLoop, target: LoadTarget, rate: Int, samples: LoadSamples) {
        self.loop = loop
        self.target = target
        self.rate = rate
        self.samples = samples
    }

    func start() {
        startedAt = .now()
        startedTime = .now
        let bound = NIOLoopBound(self, eventLoop: loop)
        ticker = loop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.tickInterval) { _ in bound.value.tick() }
    }

    /// No more requests; those under way may end.
    func stop() {
        isStopping = true
        waiting = []
        for connection in idle { connection.close() }
        idle = []
    }

    var isQuiet: Bool { open.values.allSatisfy { !$0.isBusy } }

    func end() {
        ticker?.cancel()
        for connection in open.values { connection.close() }
    }

    private func tick() {
        let now = NIODeadline.now()
        if !isStopping {
            let elapsed = Double((now - startedAt).nanoseconds) / 1e9
            let dueByNow = Int(elapsed * Double(rate))
            while issued < dueByNow {
                let offset = Double(issued) / Double(rate)
                send(due: startedTime + .microseconds(Int64(offset * 1e6)))
                issued += 1
            }
        }
        if now - lastPatrol > .seconds(1) {
            lastPatrol = now
            for connection in open.values where connection.isBusy && now - connection.sentAt > Self.answerLimit {
                connection.close()
            }
        }
    }

    private func send(due: Timestamp) {
        // The one that waits longest goes first, so that none grows so old that the other side lets it go.
        if !idle.isEmpty { return idle.removeFirst().send(due: due) }
        guard waiting.count < Self.waitingRequests else { return fail(due) }
        waiting.append(due)
        if open.count + connecting < Self.connections { connect() }
    }

    private func fail(_ due: Timestamp) {
        let now = Timestamp.now
        samples.append(LoadSample(due: due, began: now, ended: now, status: 0, release: ""))
    }

    private func connect() {
        connecting += 1
        let bound = NIOLoopBound(self, eventLoop: loop)
        let target = target
        ClientBootstrap(group: loop)
            .connectTimeout(Self.connectLimit)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = LoadConnection(worker: bound.value, target: target)
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .connect(host: target.host, port: target.port)
            .whenComplete { result in
                let worker = bound.value
                worker.connecting -= 1
                guard case .failure = result, !worker.waiting.isEmpty else { return }
                worker.fail(worker.waiting.removeFirst())
            }
    }

    func opened(_ connection: LoadConnection) {
        open[ObjectIdentifier(connection)] = connection
        free(connection)
    }

    func free(_ connection: LoadConnection) {
        if isStopping { return connection.close() }
        if waiting.isEmpty { idle.append(connection) } else { connection.send(due: waiting.removeFirst()) }
    }

    func closed(_ connection: LoadConnection) {
        open[ObjectIdentifier(connection)] = nil
        idle.removeAll { $0 === connection }
        // Whoever waits for a connection must not wait for the next request to ask for one.
        if !waiting.isEmpty, !isStopping, open.count + connecting < Self.connections { connect() }
    }
}
