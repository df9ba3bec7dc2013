import DeliveryModel
import NIOCore

/// Takes the PROXY header that a trusted balancer sends first, and then leaves the pipeline.
///
/// Stands before TLS. What is trusted must begin with the header; what is not trusted is left as it is, so that nobody
/// else can name an address that is not his: his header is then a malformed request.
final class ProxyProtocolHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let worker: Worker
    private let isTrusted: (IPAddress) -> Bool
    /// Told the client's true address: text of an IP address, or `nil` where the connection's own holds.
    private let tell: (String?) -> Void
    private var input = ByteBuffer()
    private var isOver = false

    init(worker: Worker, isTrusted: @escaping (IPAddress) -> Bool, tell: @escaping (String?) -> Void) {
        self.worker = worker
        self.isTrusted = isTrusted
        self.tell = tell
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return context.fireChannelRead(data) }
        var bytes = unwrapInboundIn(data)
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        guard let address = context.remoteAddress?.ipAddress.flatMap({ IPAddress($0) }), isTrusted(address) else {
            return leave(context)
        }
        do throws(ProxyHeader.Flaw) {
            let received = input
            guard let header = try ProxyHeader.parse(received.readableBytesUInt8Span) else { return }
            input.moveReaderIndex(forwardBy: header.length)
            if case .address(let bytes, _) = header.source { tell(IPAddress(bytes: bytes)?.description) }
            leave(context)
        } catch {
            worker.counters.flaws[error.rawValue, default: 0] += 1
            input.clear()
            isOver = true
            context.close(promise: nil)
        }
    }

    private func leave(_ context: ChannelHandlerContext) {
        isOver = true
        if input.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(input))
            context.fireChannelReadComplete()
        }
        input = ByteBuffer()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
