import DeliveryModel
import NIOCore
import NIOPosix

/// The router that this one has replaced, for as long as it has requests under way: it gets every table too.
final class Predecessor: Sendable {
    /// Longest wait until it has a table in force; one that hangs must not hold an undo up for longer.
    static let answerLimit = TimeAmount.seconds(1)

    private let channel: any Channel
    private let handler: NIOLoopBound<Handler>

    private init(channel: any Channel, handler: NIOLoopBound<Handler>) {
        self.channel = channel
        self.handler = handler
    }

    /// - Parameter conversation: closed when the other router ends, or by ``close()``.
    static func follow(_ conversation: CInt, on loop: any EventLoop) async throws -> Predecessor {
        let handler = try await loop.submit { NIOLoopBound(Handler(), eventLoop: loop) }.get()
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .withConnectedSocket(conversation).get()
        return Predecessor(channel: channel, handler: handler)
    }

    /// - Returns: whether it has the table in force, or has ended; `false` when it did not say so in time.
    func tell(_ table: RouteTable) -> EventLoopFuture<Bool> {
        let loop = channel.eventLoop
        let line: [UInt8]
        do { line = try JSONText.encode(table) + [UInt8(ascii: "\n")] } catch {
            return loop.makeSucceededFuture(false)
        }
        let answer = loop.makePromise(of: Bool.self)
        loop.execute { [channel, handler] in
            guard channel.isActive else { return answer.succeed(true) }
            handler.value.waiting.append(answer)
            channel.writeAndFlush(ByteBuffer(bytes: line), promise: nil)
        }
        let late = loop.scheduleTask(in: Self.answerLimit) { answer.succeed(false) }
        answer.futureResult.whenComplete { _ in late.cancel() }
        return answer.futureResult
    }

    func close() { channel.close(promise: nil) }

    /// One byte for each table, in their order.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        var waiting: [EventLoopPromise<Bool>] = []

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let count = min(unwrapInboundIn(data).readableBytes, waiting.count)
            for answer in waiting.prefix(count) { answer.succeed(true) }
            waiting.removeFirst(count)
        }

        func channelInactive(context: ChannelHandlerContext) {
            for answer in waiting { answer.succeed(true) }
            waiting = []
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
