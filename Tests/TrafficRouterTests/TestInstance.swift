import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

@testable import TrafficRouter

/// A real HTTP server that stands for an instance; its behaviour is chosen by path.
final class TestInstance: Sendable {
    let name: String
    let port: Int
    let connections = NIOLockedValueBox(0)
    let requests = NIOLockedValueBox(0)
    let isHealthy = NIOLockedValueBox(true)
    /// Answers 500 wherever it would answer its name.
    let failing = NIOLockedValueBox(false)
    /// Connections that carry a held request.
    let held = NIOLockedValueBox(0)
    /// Requests for `/gated` are answered once this is open.
    let gate = NIOLockedValueBox(false)
    private let reservation = NIOLockedValueBox<PortReservation?>(nil)
    /// Of which the channel has a copy; `nil` once it is closed.
    private let socket: NIOLockedValueBox<ListeningSocket?>
    private let channel: any Channel
    private let children: NIOLockedValueBox<[any Channel]>

    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private init(
        name: String, socket: ListeningSocket, channel: any Channel, children: NIOLockedValueBox<[any Channel]>,
        shared: Shared
    ) {
        self.name = name
        self.socket = NIOLockedValueBox(socket)
        self.channel = channel
        self.children = children
        port = channel.localAddress?.port ?? 0
        shared.instance.withLockedValue { $0 = self }
    }

    final class Shared: Sendable {
        let instance = NIOLockedValueBox<TestInstance?>(nil)
    }

    static func start(_ name: String, port: Int = 0) async throws -> TestInstance {
        let shared = Shared()
        let children = NIOLockedValueBox<[any Channel]>([])
        let socket = try ListeningSocket(host: "127.0.0.1", port: port)
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                children.withLockedValue { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(TestInstanceHandler(name: name, shared: shared))
                }
            }
            .withBoundSocket(try socket.copy()).get()
        socket.listen()
        return TestInstance(name: name, socket: socket, channel: channel, children: children, shared: shared)
    }

    /// Closes the listener and every connection at once, as a killed process would. Nobody else gets the port while
    /// this
    /// instance lives: a server of another test must not answer in its name.
    func stop() async {
        try? await channel.close().get()
        socket.withLockedValue { socket in
            // Closed alone it would go on listening for as long as a process that another test starts just now has a
            // copy, from its fork to its exec.
            if let socket { shutdown(socket.descriptor, CInt(SHUT_RDWR)) }
            socket?.close()
            socket = nil
        }
        for child in children.withLockedValue({ $0 }) { try? await child.close().get() }
        reservation.withLockedValue { $0 = $0 ?? PortReservation(port: port) }
    }

    /// Closes the connections, and goes on listening.
    func dropConnections() async {
        for child in children.withLockedValue({ $0 }) { try? await child.close().get() }
    }
}

private final class TestInstanceHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let name: String
    private let shared: TestInstance.Shared
    private var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
    private var received = 0
    private var isHolding = false

    init(name: String, shared: TestInstance.Shared) {
        (self.name, self.shared) = (name, shared)
    }

    private var instance: TestInstance? { shared.instance.withLockedValue { $0 } }

    func channelActive(context: ChannelHandlerContext) { instance?.connections.withLockedValue { $0 += 1 } }

    func channelInactive(context: ChannelHandlerContext) {
        instance?.connections.withLockedValue { $0 -= 1 }
        if isHolding { instance?.held.withLockedValue { $0 -= 1 } }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            received = 0
            if head.uri != "/healthz" { instance?.requests.withLockedValue { $0 += 1 } }
            begin(context)
        case .body(let buffer):
            received += buffer.readableBytes
            if head.uri == "/echo" { context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil) }
        case .end:
            finish(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func begin(_ context: ChannelHandlerContext) {
        switch head.uri {
        case "/echo": writeHead(.ok, [], context)
        case "/early": answer("early", context: context)
        case "/die": context.close(promise: nil)
        case "/hold":
            isHolding = true
            instance?.held.withLockedValue { $0 += 1 }
        case "/partial":
            writeHead(.ok, [("content-length", "100")], context)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "ten bytes.")))), promise: nil)
            context.close(promise: nil)
        default: break
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        switch head.uri {
        case "/echo": context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case "/early", "/die", "/hold", "/partial": break
        case "/count": answer("\(received)", context: context)
        case "/fail": answer("broken", status: .internalServerError, context: context)
        case "/healthz":
            let healthy = instance?.isHealthy.withLockedValue { $0 } ?? false
            answer("", status: healthy ? .ok : .serviceUnavailable, context: context)
        case "/headers":
            answer(head.headers.map { "\($0.lowercased()): \($1)\n" }.joined(), context: context)
        case "/marked":
            answer(
                name, fields: [("x-nonevent-release", "forged"), ("set-cookie", "nonevent-key=mine")], context: context)
        case "/big":
            writeHead(.ok, [("content-length", "\(10 * 1_048_576)")], context)
            let chunk = ByteBuffer(repeating: 0x61, count: 1_048_576)
            for _ in 0..<10 { context.write(wrapOutboundOut(.body(.byteBuffer(chunk))), promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case "/slow":
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(150)) {
                let (handler, context) = bound.value
                if context.channel.isActive { handler.answer(handler.name, context: context) }
            }
        case "/gated": answerWhenOpen(NIOLoopBound((self, context), eventLoop: context.eventLoop))
        default:
            let failing = instance?.failing.withLockedValue { $0 } ?? false
            answer(name, status: failing ? .internalServerError : .ok, context: context)
        }
    }

    private func answerWhenOpen(_ bound: NIOLoopBound<(TestInstanceHandler, ChannelHandlerContext)>) {
        let (handler, context) = bound.value
        guard context.channel.isActive else { return }
        if instance?.gate.withLockedValue({ $0 }) == true { return handler.answer(handler.name, context: context) }
        context.eventLoop.scheduleTask(in: .milliseconds(10)) { bound.value.0.answerWhenOpen(bound) }
    }

    private func answer(
        _ text: String, status: HTTPResponseStatus = .ok, fields: [(String, String)] = [],
        context: ChannelHandlerContext
    ) {
        writeHead(status, fields + [("content-length", "\(text.utf8.count)")], context)
        if head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func writeHead(
        _ status: HTTPResponseStatus, _ fields: [(String, String)], _ context: ChannelHandlerContext
    ) {
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: HTTPHeaders(fields))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }
}
