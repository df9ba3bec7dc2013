import NIOCore
import NIOHTTP1
import NIOPosix

/// An instance that answers a whole request: its body, with method, path and fields told in fields of the answer.
///
/// `/bytes/N` answers with N bytes, `/never` with nothing, `/early` before the request's body has come, `/trailers`
/// with chunks and a trailer.
final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
    private var body = ByteBuffer()
    private var isAnswered = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
            isAnswered = head.uri == "/never"
            if head.uri == "/early" { answer(context) }
        case .body(var part):
            body.writeBuffer(&part)
        case .end(let trailers):
            if !isAnswered { answer(context, trailers: trailers) }
        }
    }

    private func answer(_ context: ChannelHandlerContext, trailers: HTTPHeaders? = nil) {
        isAnswered = true
        var fields = HTTPHeaders([
            ("x-method", head.method.rawValue), ("x-path", head.uri),
            ("x-cookie", head.headers["cookie"].joined(separator: "|")),
            ("x-host", head.headers["host"].joined(separator: "|")),
            ("x-fields", head.headers.map(\.name).joined(separator: ",")),
            ("x-body", String(body.readableBytes)), ("x-for", head.headers["x-forwarded-for"].joined()),
            ("x-trailers", (trailers ?? [:]).map { "\($0.name)=\($0.value)" }.joined(separator: ",")),
        ])
        if head.uri.hasPrefix("/bytes/"), let count = Int(head.uri.dropFirst(7)) {
            body = ByteBuffer(repeating: UInt8(ascii: "b"), count: count)
        }
        let hasTrailers = head.uri == "/trailers"
        if hasTrailers {
            fields.add(name: "transfer-encoding", value: "chunked")
        } else {
            fields.add(name: "content-length", value: String(body.readableBytes))
        }
        context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: .ok, headers: fields))), promise: nil)
        if head.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(hasTrailers ? ["x-checksum": "7"] : nil)), promise: nil)
    }
}

extension EchoHandler {
    /// - Returns: the listening channel.
    static func listen(on group: MultiThreadedEventLoopGroup) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
                    try channel.pipeline.syncOperations.addHandler(EchoHandler())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}
