import DeliveryModel
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import TrafficRouter

/// A worker behind a listening socket, in front of one instance; everything from `TrafficPipeline` on is real.
struct Entrance: Sendable {
    final class Accepted: Sendable {
        let channels = Mutex<[any Channel]>([])
    }

    /// What stands behind.
    enum Instance {
        /// One of its own, by HTTP/1.
        case echo
        /// One of its own, by HTTP/2.
        case frames(FrameInstance)
        /// One that is there already, by HTTP/2.
        case http2(port: Int)

        var speaks: InstanceProtocol { if case .echo = self { .http1 } else { .h2c } }
        var port: Int? { if case .http2(let port) = self { port } else { nil } }

        func listen(on group: MultiThreadedEventLoopGroup) async throws -> (any Channel)? {
            switch self {
            case .echo: try await EchoHandler.listen(on: group)
            case .frames(let instance): try await instance.listen(on: group)
            case .http2: nil
            }
        }
    }

    let port: Int
    let worker: WorkerHandle
    let accepted: Accepted

    /// Counts by name, of flaws and limits.
    func counted(_ name: String) async throws -> UInt64 {
        try await worker.submit { $0.counters.flaws[name] ?? $0.counters.limits[name] ?? 0 }.get()
    }

    /// Asks the handler of the newest connection.
    func connection<Value: Sendable>(_ body: @escaping @Sendable (HTTP2Connection) -> Value) async throws -> Value {
        let channel = try #require(accepted.channels.withLock { $0.last })
        return try await channel.eventLoop.submit {
            body(try channel.pipeline.syncOperations.handler(type: HTTP2Connection.self))
        }.get()
    }
}

extension RouterLimits {
    /// Deadlines that a test which waits for its turn on a busy machine does not meet.
    static var patient: RouterLimits {
        var limits = RouterLimits()
        limits.headTimeout = .minutes(2)
        limits.bodyGrace = .minutes(2)
        return limits
    }
}

/// Runs `body` with an entrance that is gone afterwards.
func withEntrance(
    _ offer: TrafficPipeline.Offer = .init(), limits: RouterLimits = .patient, instance: Entrance.Instance = .echo,
    trusted: [AddressRange] = AddressRange.loopback,
    _ body: (Entrance) async throws -> Void
) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let handle = try await WorkerHandle.make(on: group.next(), limits: limits, index: 0, workerCount: 1)
    let listening = try await instance.listen(on: group)
    let digest = try #require(ReleaseDigest(String(repeating: "a", count: 64)))
    let release = RoutedRelease(
        digest: digest, commit: "", shareBasisPoints: Share(clamping: 10_000), salt: "", healthPath: "",
        instanceProtocol: instance.speaks,
        instances: [RoutedInstance(id: "one", port: try #require(instance.port ?? listening?.localAddress?.port))])
    let table = RouteTable(
        generation: 1,
        services: [
            RoutedService(name: try #require(ServiceName("shop")), preview: .loopback, releases: [release])
        ], trustedProxies: trusted)
    _ = try await handle.submit { worker in
        worker.start()
        worker.install(table)
    }.get()
    let accepted = Entrance.Accepted()
    let listener = try await ServerBootstrap(group: group)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in
            accepted.channels.withLock { $0.append(channel) }
            return channel.eventLoop.makeCompletedFuture {
                try TrafficPipeline.add(to: channel, worker: handle.worker, offer)
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    let entrance = Entrance(port: try #require(listener.localAddress?.port), worker: handle, accepted: accepted)
    var failure: (any Error)?
    do { try await body(entrance) } catch { failure = error }
    try await listener.close()
    try await listening?.close()
    _ = try await handle.submit { $0.stop() }.get()
    try await group.shutdownGracefully()
    if let failure { throw failure }
}

/// Waits until `condition` holds, at most a minute.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
