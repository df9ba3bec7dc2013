import DeliveryModel
import FoundationEssentials
import Glibc
import NIOCore
import NIOPosix

/// Asks a shim one question over its socket.
enum ShimClient {
    /// Most bytes of an answer.
    static let answerLimit = 64 << 10

    /// - Returns: `nil` when no shim listens there.
    /// - Throws: `.timedOut`, or `.failed` for an answer that is not a status.
    static func ask(_ request: String, directory: String, within limit: Duration) async throws(DriverError)
        -> InstanceStatus?
    {
        // The path by descriptor is short, whatever the directory's own is: `sun_path` holds 108 bytes (unix(7)).
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let path = "/proc/self/fd/\(descriptor)/\(ShimFiles.socket)"
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: ByteBuffer.self)
        let timeout = loop.scheduleTask(in: .nanoseconds(Int64(limit.inSeconds * 1e9))) {
            answer.fail(DriverError(.timedOut, "the shim in \(directory) did not answer '\(request)' within \(limit)"))
        }
        defer { timeout.cancel() }
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(LineCollector(answer))
                    }
                }
                .connect(unixDomainSocketPath: path).get()
        } catch {
            answer.fail(error)
            return nil
        }
        defer { channel.close(promise: nil) }
        do {
            channel.writeAndFlush(ByteBuffer(string: request + "\n"), promise: nil)
            let bytes = try await answer.futureResult.get()
            return try JSONDecoder().decode(InstanceStatus.self, from: Data(bytes.readableBytesView))
        } catch let error as DriverError {
            throw error
        } catch is ChannelError {
            // The shim ended between the connection and the answer.
            return nil
        } catch {
            throw DriverError(.failed, "the shim in \(directory) answered '\(request)' with no status: \(error)")
        }
    }
}

/// Collects bytes up to the first line end.
private final class LineCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: EventLoopPromise<ByteBuffer>
    private var received = ByteBuffer()

    init(_ answer: EventLoopPromise<ByteBuffer>) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        received.writeBuffer(&buffer)
        if let end = received.readableBytesView.firstIndex(of: UInt8(ascii: "\n")),
            let line = received.readSlice(length: end - received.readerIndex)
        {
            answer.succeed(line)
        } else if received.readableBytes > ShimClient.answerLimit {
            answer.fail(DriverError(.failed, "a shim's answer exceeds \(ShimClient.answerLimit) bytes"))
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(ChannelError.eof) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(ChannelError.eof)
        context.close(promise: nil)
    }
}
