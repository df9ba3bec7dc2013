import NIOCore
import NIOPosix
import Synchronization

@testable import TrafficRouter

/// An instance that answers HTTP/2 requests with whatever frames a test wants.
final class FrameInstance: Sendable {
    /// One HEADERS frame that came.
    struct Request: Sendable {
        let stream: UInt32
        /// Among all of the instance, from 1 on.
        let number: Int
        /// Of the connection it came on, from 1 on.
        let connection: Int
    }

    /// What to send when a frame has come; a closing of the connection is an empty array.
    typealias Script = @Sendable (FrameClient.Frame, Request) -> [UInt8]?

    private struct State {
        var requests = 0
        var connections = 0
        var closings = 0
        var frames: [FrameClient.Frame] = []
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let instance: FrameInstance
        private var input: [UInt8] = []
        private var isPrefaceTaken = false
        private var number = 0
        private var connection = 0

        init(_ instance: FrameInstance) { self.instance = instance }

        func channelActive(context: ChannelHandlerContext) {
            connection = instance.state.withLock { state in
                state.connections += 1
                return state.connections
            }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: instance.greeting)), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { instance.state.withLock { $0.closings += 1 } }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            input += Array(unwrapInboundIn(data).readableBytesView)
            if !isPrefaceTaken {
                guard input.count >= 24 else { return }
                input.removeFirst(24)
                isPrefaceTaken = true
            }
            while input.count >= 9 {
                let header = FrameHeader(input.span)
                guard input.count >= 9 + header.length else { return }
                let payload = Array(input[9..<9 + header.length])
                input.removeFirst(9 + header.length)
                if header.type == FrameType.headers {
                    number = instance.state.withLock { state in
                        state.requests += 1
                        return state.requests
                    }
                }
                let frame = FrameClient.Frame(
                    type: header.type, flags: header.flags, stream: header.stream, payload: payload)
                instance.state.withLock { $0.frames.append(frame) }
                let request = Request(stream: header.stream, number: number, connection: connection)
                guard let bytes = instance.script(frame, request) else { continue }
                if bytes.isEmpty { return context.close(promise: nil) }
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            }
        }
    }

    private let state = Mutex(State())
    /// Connections that have ended.
    var closings: Int { state.withLock { $0.closings } }
    /// All that have come.
    var frames: [FrameClient.Frame] { state.withLock { $0.frames } }
    private let greeting: [UInt8]
    private let script: Script

    /// - Parameter greeting: by default SETTINGS without any.
    init(greeting: [UInt8] = FrameClient.frame(FrameType.settings, 0, 0, []), _ script: @escaping Script) {
        (self.greeting, self.script) = (greeting, script)
    }

    func listen(on group: MultiThreadedEventLoopGroup) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}
