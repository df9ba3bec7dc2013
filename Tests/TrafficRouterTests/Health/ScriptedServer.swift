import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A TCP server that answers each connection with bytes of the test's choice, whatever they are worth.
final class ScriptedServer: Sendable {
    struct Script: Sendable {
        /// Written one after the other when a request has come in; empty: silence.
        var pieces: [String] = []
        var closes = true
    }

    struct Seen: Sendable {
        var connections = 0
        var open = 0
        var mostOpen = 0
        var requests: [String] = []
        /// When each connection came.
        var times: [NIODeadline] = []
        /// Connections that the other side ended before the script closed them.
        var cutOff = 0
        var errors = 0
    }

    let script: NIOLockedValueBox<Script>
    let seen = NIOLockedValueBox(Seen())
    let port: Int
    private let channel: any Channel

    private init(channel: any Channel, script: NIOLockedValueBox<Script>, handler: NIOLockedValueBox<ScriptedServer?>) {
        self.channel = channel
        self.script = script
        port = channel.localAddress?.port ?? 0
        handler.withLockedValue { $0 = self }
    }

    static func start(_ script: Script, on group: any EventLoopGroup) async throws -> ScriptedServer {
        let server = NIOLockedValueBox<ScriptedServer?>(nil)
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptedHandler(server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedServer(channel: channel, script: NIOLockedValueBox(script), handler: server)
    }

    func stop() async { try? await channel.close().get() }
}

private final class ScriptedHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: NIOLockedValueBox<ScriptedServer?>
    private var hasEnded = false

    init(_ server: NIOLockedValueBox<ScriptedServer?>) { self.server = server }

    private func note(_ change: (inout ScriptedServer.Seen) -> Void) {
        server.withLockedValue { $0 }?.seen.withLockedValue { change(&$0) }
    }

    func channelActive(context: ChannelHandlerContext) {
        note {
            $0.connections += 1
            $0.times.append(.now())
            $0.open += 1
            $0.mostOpen = max($0.mostOpen, $0.open)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        note { $0.requests.append(String(buffer: unwrapInboundIn(data))) }
        let script = server.withLockedValue { $0 }?.script.withLockedValue { $0 } ?? .init()
        write(script.pieces[...], closes: script.closes, context: context)
    }

    private func write(_ pieces: ArraySlice<String>, closes: Bool, context: ChannelHandlerContext) {
        guard let piece = pieces.first else {
            guard closes else { return }
            hasEnded = true
            return context.close(promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: piece)), promise: nil)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(5)) {
            let (handler, context) = bound.value
            guard context.channel.isActive else { return }
            handler.write(pieces.dropFirst(), closes: closes, context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        note { $0.errors += 1 }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let isCutOff = !hasEnded
        note {
            $0.open -= 1
            if isCutOff { $0.cutOff += 1 }
        }
    }
}
