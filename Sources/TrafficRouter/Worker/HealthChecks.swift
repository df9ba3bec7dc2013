import DeliveryModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// What the checks of one instance have shown so far.
struct HealthState: Equatable {
    private(set) var isHealthy = true
    private var failures = 0

    /// - Returns: whether the instance's health changed.
    mutating func record(success: Bool, unhealthyAfter limit: Int) -> Bool {
        let before = isHealthy
        failures = success ? 0 : failures + 1
        if success { isHealthy = true } else if failures >= limit { isHealthy = false }
        return before != isHealthy
    }
}

/// The active checks that one event loop makes: of each instance one loop is in charge, and tells the others.
final class HealthChecks {
    private struct Checked {
        let path: String
        var state = HealthState()
        var isUnderWay = false
    }

    private let worker: Worker
    private let publish: (LiveInstance.Key, Bool) -> Void
    private var checked: [LiveInstance.Key: Checked] = [:]
    private var task: RepeatedTask?

    /// - Parameter publish: tells every worker that an instance's health changed.
    init(worker: Worker, publish: @escaping (LiveInstance.Key, Bool) -> Void) {
        self.worker = worker
        self.publish = publish
        let interval = worker.limits.healthInterval
        let bound = NIOLoopBound(self, eventLoop: worker.eventLoop)
        task = worker.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in bound.value.tick()
        }
    }

    func stop() {
        task?.cancel()
        task = nil
    }

    func update(table: RouteTable) {
        var next: [LiveInstance.Key: Checked] = [:]
        for service in table.services {
            for release in service.releases where !release.healthPath.isEmpty {
                for instance in release.instances {
                    let key = LiveInstance.Key(
                        service: service.name, release: release.digest, id: instance.id, host: instance.host,
                        port: instance.port)
                    guard isMine(key) else { continue }
                    let old = checked[key]
                    next[key] = old?.path == release.healthPath ? old : Checked(path: release.healthPath)
                }
            }
        }
        checked = next
    }

    private func isMine(_ key: LiveInstance.Key) -> Bool {
        let hash = SplitHash(salt: key.host).hash(of: Array(key.id.utf8).span) ^ UInt64(key.port)
        return Int(hash % UInt64(worker.workerCount)) == worker.index
    }

    private func tick() {
        for (key, entry) in checked where !entry.isUnderWay {
            checked[key]?.isUnderWay = true
            probe(key, path: entry.path)
        }
    }

    private func finished(_ key: LiveInstance.Key, success: Bool) {
        guard task != nil, checked[key] != nil else { return }
        checked[key]?.isUnderWay = false
        let changed = checked[key]?.state.record(success: success, unhealthyAfter: worker.limits.unhealthyAfter)
        if changed == true { publish(key, checked[key]?.state.isHealthy ?? true) }
    }

    /// One check on a connection of its own, so that a full pool or a stale connection does not look like ill health.
    private func probe(_ key: LiveInstance.Key, path: String) {
        let loop = worker.eventLoop
        let done = loop.makePromise(of: Bool.self)
        done.futureResult.assumeIsolated().whenSuccess { self.finished(key, success: $0) }
        let limits = worker.limits
        let host = "\(key.host):\(key.port)"
        ClientBootstrap(group: loop)
            .connectTimeout(min(limits.connectTimeout, limits.healthTimeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(
                        HealthProbeHandler(path: path, host: host, timeout: limits.healthTimeout, done: done))
                }
            }
            .connect(host: key.host, port: key.port)
            .whenFailure { _ in done.succeed(false) }
    }
}

/// Sends one request and tells whether its answer was 2xx; anything else, silence included, is a failure.
private final class HealthProbeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let path: String
    private let host: String
    private let timeout: TimeAmount
    private let done: EventLoopPromise<Bool>
    private var deadline: Scheduled<Void>?
    private var isDone = false

    init(path: String, host: String, timeout: TimeAmount, done: EventLoopPromise<Bool>) {
        self.path = path
        self.host = host
        self.timeout = timeout
        self.done = done
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
        let headers = HTTPHeaders([("host", host), ("user-agent", "nonevent-health"), ("connection", "close")])
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        tell((200..<300).contains(head.status.code))
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        tell(false)
    }

    private func tell(_ success: Bool) {
        guard !isDone else { return }
        isDone = true
        done.succeed(success)
    }
}
