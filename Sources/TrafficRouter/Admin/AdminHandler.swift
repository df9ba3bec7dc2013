import NIOCore
import NIOHTTP1

struct AdminRequest: Sendable {
    let method: HTTPMethod
    /// Up to `?`.
    let path: String
    /// What stands behind `?`; empty: nothing does.
    let query: String
    /// Value of `If-Match`; `nil`: the request has none.
    let ifMatch: String?
    let body: [UInt8]
}

struct AdminResponse: Sendable {
    let status: HTTPResponseStatus
    var type = "application/json"
    let body: [UInt8]
    /// Of what the request changed or read; `nil`: it has no version.
    var entityTag: String?
    /// No more requests are taken on this connection.
    var endsConnection = false

    static func json(of value: some Encodable) -> AdminResponse {
        do {
            return AdminResponse(status: .ok, body: try JSONText.encode(value) + [UInt8(ascii: "\n")])
        } catch {
            return .problem(.internalServerError, "cannot write the answer as JSON: \(error)")
        }
    }

    static func problem(_ status: HTTPResponseStatus, _ message: String) -> AdminResponse {
        AdminResponse(status: status, type: "text/plain; charset=utf-8", body: Array((message + "\n").utf8))
    }
}

/// One connection to the admin socket. Requests are carried out outside the event loop, which goes on serving traffic.
final class AdminHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let maxBodyBytes: Int
    private let respond: @Sendable (AdminRequest) async -> AdminResponse
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLarge = false

    init(maxBodyBytes: Int, respond: @escaping @Sendable (AdminRequest) async -> AdminResponse) {
        self.maxBodyBytes = maxBodyBytes
        self.respond = respond
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            (self.head, body, isTooLarge) = (head, [], false)
        case .body(let buffer):
            guard !isTooLarge else { return }
            if body.count + buffer.readableBytes > maxBodyBytes {
                (isTooLarge, body) = (true, [])
                let refusal = AdminResponse.problem(
                    .payloadTooLarge, "the body is larger than \(maxBodyBytes) bytes; split the table over routers")
                write(refusal, keepAlive: false, context: context)
                return
            }
            body += buffer.readableBytesView
        case .end:
            guard let head, !isTooLarge else { return }
            let path = String(head.uri.prefix { $0 != "?" })
            let query = String(head.uri.dropFirst(path.count + 1))
            let request = AdminRequest(
                method: head.method, path: path, query: query, ifMatch: head.headers.first(name: "if-match"),
                body: body)
            (self.head, body) = (nil, [])
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            let (loop, respond, keepAlive) = (context.eventLoop, respond, head.isKeepAlive)
            Task {
                let response = await respond(request)
                loop.execute {
                    let (handler, context) = bound.value
                    guard context.channel.isActive else { return }
                    handler.write(response, keepAlive: keepAlive && !response.endsConnection, context: context)
                }
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func write(_ response: AdminResponse, keepAlive: Bool, context: ChannelHandlerContext) {
        var headers = HTTPHeaders([
            ("content-type", response.type), ("content-length", String(response.body.count)),
        ])
        if let tag = response.entityTag { headers.add(name: "etag", value: tag) }
        if !keepAlive { headers.add(name: "connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: response.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        if !keepAlive {
            let channel = context.channel
            written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
    }
}
