import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

@testable import TrafficRouter

/// An instance that answers as the test says, and keeps what it was asked.
final class MirrorInstance: Sendable {
    struct Request: Sendable {
        let method: String
        let target: String
        let fields: [(name: String, value: String)]
        let body: String

        /// The values of all fields with this name.
        subscript(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
    }

    enum Reply: Sendable {
        case answer(String, status: Int = 200, fields: [(String, String)] = [("content-type", "application/json")])
        case chunks([String])
        case late(String, TimeAmount)
        case never
        /// Closes the connection.
        case reset
    }

    typealias Behaviour = @Sendable (Request) -> Reply

    let behaviour: NIOLockedValueBox<Behaviour>
    private let kept: NIOLockedValueBox<[Request]>
    private let listener: any Channel
    private let children: NIOLockedValueBox<[any Channel]>

    private init(
        _ behaviour: NIOLockedValueBox<Behaviour>, _ kept: NIOLockedValueBox<[Request]>, _ listener: any Channel,
        _ children: NIOLockedValueBox<[any Channel]>
    ) {
        self.behaviour = behaviour
        self.kept = kept
        self.listener = listener
        self.children = children
    }

    static func start(_ behaviour: @escaping Behaviour) async throws -> MirrorInstance {
        let behaviour = NIOLockedValueBox(behaviour)
        let kept = NIOLockedValueBox<[Request]>([])
        let children = NIOLockedValueBox<[any Channel]>([])
        let listener = try await ServerBootstrap(group: TestInstance.group)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { channel in
                children.withLockedValue { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(Handler(behaviour, kept))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return MirrorInstance(behaviour, kept, listener, children)
    }

    var port: Int { listener.localAddress?.port ?? 0 }
    var requests: [Request] { kept.withLockedValue { $0 } }

    func stop() async {
        try? await listener.close().get()
        for child in children.withLockedValue({ $0 }) { try? await child.close().get() }
    }
}

private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let behaviour: NIOLockedValueBox<MirrorInstance.Behaviour>
    private let kept: NIOLockedValueBox<[MirrorInstance.Request]>
    private var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
    private var body = ""

    init(
        _ behaviour: NIOLockedValueBox<MirrorInstance.Behaviour>, _ kept: NIOLockedValueBox<[MirrorInstance.Request]>
    ) {
        (self.behaviour, self.kept) = (behaviour, kept)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, "")
        case .body(let part): body += String(buffer: part)
        case .end:
            let request = MirrorInstance.Request(
                method: head.method.rawValue, target: head.uri,
                fields: head.headers.map { ($0.name.lowercased(), $0.value) }, body: body)
            kept.withLockedValue { $0.append(request) }
            reply(behaviour.withLockedValue { $0 }(request), context)
        }
    }

    private func reply(_ reply: MirrorInstance.Reply, _ context: ChannelHandlerContext) {
        switch reply {
        case .never: break
        case .reset: context.close(promise: nil)
        case .late(let text, let delay):
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: delay) {
                let (handler, context) = bound.value
                if context.channel.isActive { handler.reply(.answer(text), context) }
            }
        case .chunks(let pieces):
            write(200, [("transfer-encoding", "chunked"), ("content-type", "application/json")], pieces, context)
        case .answer(let text, let status, let fields):
            write(status, fields + [("content-length", "\(text.utf8.count)")], [text], context)
        }
    }

    private func write(
        _ status: Int, _ fields: [(String, String)], _ pieces: [String], _ context: ChannelHandlerContext
    ) {
        let answer = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: status), headers: HTTPHeaders(fields))
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        for piece in pieces where head.method != .HEAD {
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: piece)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
