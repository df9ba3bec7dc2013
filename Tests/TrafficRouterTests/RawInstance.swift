import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// An instance that says what the test writes, byte by byte, and keeps what it was told.
final class RawInstance: Sendable {
    let port: Int
    private let listener: any Channel
    private let shared: NIOLockedValueBox<[Peer]>

    struct Peer: Sendable {
        let channel: any Channel
        let bytes = NIOLockedValueBox<[UInt8]>([])
        let isClosed = NIOLockedValueBox(false)
        var text: String { String(decoding: bytes.withLockedValue { $0 }, as: UTF8.self) }

        func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)).get() }
        func close() async { try? await channel.close().get() }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let peer: Peer
        init(_ peer: Peer) { self.peer = peer }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            peer.bytes.withLockedValue { $0 += unwrapInboundIn(data).readableBytesView }
        }
        func channelInactive(context: ChannelHandlerContext) { peer.isClosed.withLockedValue { $0 = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private init(listener: any Channel, shared: NIOLockedValueBox<[Peer]>) {
        self.listener = listener
        self.shared = shared
        port = listener.localAddress?.port ?? 0
    }

    static func start() async throws -> RawInstance {
        let shared = NIOLockedValueBox<[Peer]>([])
        let listener = try await ServerBootstrap(group: TestInstance.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                let peer = Peer(channel: channel)
                shared.withLockedValue { $0.append(peer) }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(peer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return RawInstance(listener: listener, shared: shared)
    }

    func stop() async {
        try? await listener.close().get()
        for peer in shared.withLockedValue({ $0 }) { await peer.close() }
    }

    /// Waits for the connection with that number, until it was told something that ends with `suffix`.
    func peer(_ index: Int = 0, after suffix: String = "\r\n\r\n") async throws -> Peer {
        try await eventually("connection \(index) to say \(suffix.debugDescription)") {
            self.shared.withLockedValue { $0.count > index && $0[index].text.hasSuffix(suffix) }
        }
        return shared.withLockedValue { $0[index] }
    }

    var connectionCount: Int { shared.withLockedValue { $0.count } }
}

extension RawInstance {
    /// A table with this instance alone.
    func table() throws -> RouteTable {
        try Sample.table([
            RoutedRelease(
                digest: try Sample.digest("a"), shareBasisPoints: .all,
                instances: [RoutedInstance(id: "raw", port: port)])
        ])
    }
}
