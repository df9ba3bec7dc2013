import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

/// A real HTTP server on a free port that stands for a Prometheus server or an instance, and remembers what it was
/// asked.
final class MetricsServer: Sendable {
    struct Request: Sendable {
        var path: String
        var headers: HTTPHeaders
        var body: String
        subscript(_ name: String) -> String? { headers.first(name: name) }
    }

    indirect enum Answer: Sendable {
        case text(String, status: Int = 200, headers: [(String, String)] = [])
        /// Nothing, ever.
        case silence
        /// A head that promises more than comes.
        case stall
        /// Text without a length, ended with the connection.
        case unframed(String)
        case late(Answer, by: TimeAmount)
    }

    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    let port: Int
    private let channel: any Channel
    private let requests: Requests

    final class Requests: Sendable {
        let all = Mutex<[Request]>([])
    }

    private init(channel: any Channel, requests: Requests) {
        self.channel = channel
        self.requests = requests
        port = channel.localAddress?.port ?? 0
    }

    var asked: [Request] { requests.all.withLock { $0 } }

    static func start(
        port: Int = 0, _ answer: @escaping @Sendable (Request, _ number: Int) -> Answer
    ) async throws -> MetricsServer {
        let requests = Requests()
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(Handler(requests: requests, answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return MetricsServer(channel: channel, requests: requests)
    }

    /// Serves for as long as `body` runs.
    static func with(
        _ answer: @escaping @Sendable (Request, _ number: Int) -> Answer,
        body: (MetricsServer) async throws -> Void
    ) async throws {
        let server = try await start(answer)
        do { try await body(server) } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    func stop() async { try? await channel.close().get() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let requests: Requests
        private let answer: @Sendable (Request, Int) -> Answer
        private var request = Request(path: "", headers: [:], body: "")

        init(requests: Requests, answer: @escaping @Sendable (Request, Int) -> Answer) {
            (self.requests, self.answer) = (requests, answer)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request = Request(path: head.uri, headers: head.headers, body: "")
            case .body(let buffer): request.body += String(buffer: buffer)
            case .end:
                let request = request
                let number = requests.all.withLock { all in
                    all.append(request)
                    return all.count
                }
                send(answer(request, number), context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func send(_ answer: Answer, _ context: ChannelHandlerContext) {
            switch answer {
            case .silence: break
            case .late(let answer, let wait):
                context.eventLoop.assumeIsolated().scheduleTask(in: wait) { self.send(answer, context) }
            case .stall: head(200, [("content-length", "100")], "begun", context)
            case .unframed(let text):
                head(200, [("connection", "close")], text, context)
                context.close(promise: nil)
            case .text(let text, let status, let headers):
                head(status, headers + [("content-length", "\(text.utf8.count)")], text, context)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }

        private func head(
            _ status: Int, _ headers: [(String, String)], _ text: String, _ context: ChannelHandlerContext
        ) {
            // In HTTP/1.0 no chunks frame a text without a length.
            let head = HTTPResponseHead(
                version: headers.contains { $0.0 == "connection" } ? .http1_0 : .http1_1,
                status: .init(statusCode: status), headers: HTTPHeaders(headers))
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        }
    }
}
