import NIOCore
import NIOPosix

/// Accepts clients and hands each to the worker of the event loop it landed on.
enum TrafficListener {
    static func listen(
        on socket: ListeningSocket, group: MultiThreadedEventLoopGroup, workers: [WorkerHandle],
        _ offer: TrafficPipeline.Offer
    ) async throws -> any Channel {
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let worker = workers.first(where: { $0.eventLoop === channel.eventLoop }) else {
                        throw RouterError(.notRunning, "the connection belongs to no worker")
                    }
                    try TrafficPipeline.add(to: channel, worker: worker.worker, offer)
                }
            }
            .withBoundSocket(try socket.copy()).get()
        socket.listen()
        return channel
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
