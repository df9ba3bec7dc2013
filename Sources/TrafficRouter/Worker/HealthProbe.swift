import NIOCore
import NIOPosix

/// One check on a connection of its own, so that a full pool or a stale connection does not look like ill health.
///
/// Says its part, tells the verdict as soon as it is clear, and then reads on until an instance of HTTP/1 closes: one
/// that is cut off in its answer would write an error into its log with every check.
final class HealthProbe: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Read of one answer; past it the connection is closed.
    static let maxAnswerBytes = 64 * 1024

    private var dialogue: HealthDialogue
    private let done: EventLoopPromise<Bool>
    private let deadline: NIODeadline
    private var timer: Scheduled<Void>?
    private var received = 0

    private init(_ dialogue: HealthDialogue, deadline: NIODeadline, done: EventLoopPromise<Bool>) {
        self.dialogue = dialogue
        self.deadline = deadline
        self.done = done
    }

    /// - Parameters:
    ///   - loop: the one this is called on, and the one on which `done` is.
    ///   - deadline: looking the name up and connecting included.
    ///   - done: called once, at the deadline at the latest: whether the instance is well.
    static func run(
        _ dialogue: HealthDialogue, host: String, port: Int, on loop: any EventLoop, deadline: NIODeadline,
        done: @escaping (Bool) -> Void
    ) {
        // The first of answer, failure and deadline counts: a promise keeps its first value.
        let promise = loop.makePromise(of: Bool.self)
        let timer = loop.scheduleTask(deadline: deadline) { promise.succeed(false) }
        promise.futureResult.assumeIsolated().whenSuccess { isWell in
            timer.cancel()
            done(isWell)
        }
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(max(.milliseconds(1), deadline - .now()))
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2_048))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        HealthProbe(dialogue, deadline: deadline, done: promise))
                }
            }
        // Nearly always a number: nothing to ask the resolver for, once a second and for each of hundreds of instances.
        let address = try? SocketAddress(ipAddress: host, port: port)
        let channel = address.map { bootstrap.connect(to: $0) } ?? bootstrap.connect(host: host, port: port)
        channel.whenFailure { _ in promise.succeed(false) }
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(deadline: deadline) { channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: dialogue.request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        received += buffer.readableBytes
        guard let isWell = dialogue.read(buffer.readableBytesView) else { return }
        done.succeed(isWell)
        if !dialogue.endsWithClose || received > Self.maxAnswerBytes { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        done.succeed(false)
    }
}
