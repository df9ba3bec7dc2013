import DeliveryModel
import NIOCore
import NIOPosix
import Testing

@testable import TrafficRouter

/// Who writes a message in pieces must not wait for the system's delayed acknowledgement, which takes 40 ms.
@Suite(.timeLimit(.minutes(2)))
struct AcknowledgementTests {
    /// Below what a delayed acknowledgement costs. The fastest of many is looked at, for a busy machine is slow too.
    private static let limit = Duration.milliseconds(30)

    @Test func anInstanceThatWritesHeadAndBodyApartIsNotSlow() async throws {
        let fastest = try await fastest(
            of: ["GET / HTTP/1.1\r\nHost: t\r\n\r\n"],
            answeredWith: ["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", "body"])
        #expect(fastest < Self.limit)
    }

    @Test func anInstanceThatWritesItsHeadInPiecesIsNotSlow() async throws {
        let fastest = try await fastest(
            of: ["GET / HTTP/1.1\r\nHost: t\r\n\r\n"],
            answeredWith: ["HTTP/1.1 200 OK\r\n", "Content-Length: 4\r\n\r\nbody"])
        #expect(fastest < Self.limit)
    }

    @Test func aClientThatWritesHeadAndBodyApartIsNotSlow() async throws {
        let fastest = try await fastest(
            of: ["POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 8\r\n\r\n", "complete"],
            answeredWith: ["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"])
        #expect(fastest < Self.limit)
    }

    /// The shortest time from a request to its answer, once the connection is no longer new: at first the system
    /// acknowledges at once by itself.
    private func fastest(of request: [String], answeredWith answer: [String]) async throws -> Duration {
        let instance = try await ServerBootstrap(group: TestInstance.group)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 0)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PiecesHandler(end: request.last ?? "", answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let release = RoutedRelease(
            digest: try Sample.digest("a"), shareBasisPoints: .all,
            instances: [RoutedInstance(id: "one", port: try #require(instance.localAddress?.port))])
        var times: [Duration] = []
        try await withRouter(try Sample.table([release])) { router in
            let client = try await TestClient.connect(port: router.trafficPort, noDelay: false)
            for _ in 0..<60 {
                let began = ContinuousClock.now
                for piece in request { try await client.send(piece) }
                #expect(try await client.response().text == "body")
                times.append(.now - began)
            }
            await client.close()
        }
        try await instance.close().get()
        return try #require(times.dropFirst(30).min())
    }
}

/// Answers in pieces, each written by itself, once the request has come to its end.
private final class PiecesHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let end: String
    private let answer: [String]
    private var text = ""

    init(end: String, _ answer: [String]) { (self.end, self.answer) = (end, answer) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        guard text.utf8.suffix(4).elementsEqual(end.utf8.suffix(4)) else { return }
        text = ""
        for piece in answer { context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: piece)), promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
