import NIOCore
import NIOPosix

/// Accepts clients and hands each to the worker of the event loop it landed on.
enum TrafficListener {
    /// Connections the system keeps until they are accepted.
    static let backlog: CInt = 1_024

    static func bind(
        group: MultiThreadedEventLoopGroup, host: String, port: Int, limits: RouterLimits, workers: [WorkerHandle]
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let worker = workers.first(where: { $0.eventLoop === channel.eventLoop }) else {
                        throw RouterError(.notRunning, "the connection belongs to no worker")
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        HTTP1Connection(worker: worker.worker, scheme: .http))
                }
            }
            .bind(host: host, port: port).get()
    }
}

/// A worker as other threads hold it: they can only ask its event loop to do something.
struct WorkerHandle: Sendable {
    let eventLoop: any EventLoop
    private let bound: NIOLoopBound<Worker>

    static func make(
        on eventLoop: any EventLoop, limits: RouterLimits, index: Int, workerCount: Int
    ) async throws -> WorkerHandle {
        try await eventLoop.submit {
            let worker = Worker(eventLoop: eventLoop, limits: limits, index: index, workerCount: workerCount)
            return WorkerHandle(eventLoop: eventLoop, bound: NIOLoopBound(worker, eventLoop: eventLoop))
        }.get()
    }

    /// Only on the worker's own event loop.
    var worker: Worker { bound.value }

    func submit<Value: Sendable>(_ body: @escaping @Sendable (Worker) -> Value) -> EventLoopFuture<Value> {
        eventLoop.submit { body(bound.value) }
    }

    func execute(_ body: @escaping @Sendable (Worker) -> Void) {
        eventLoop.execute { body(bound.value) }
    }
}
