import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import TrafficRouter

/// A client that sends whatever bytes a test wants, and reads frames.
final class FrameClient: Sendable {
    struct Frame: Equatable, CustomStringConvertible {
        let type: UInt8
        let flags: UInt8
        let stream: UInt32
        let payload: [UInt8]

        /// The code of RST_STREAM and GOAWAY.
        var code: UInt32? {
            let start = type == FrameType.goAway ? 4 : 0
            guard payload.count >= start + 4 else { return nil }
            return payload[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        var endsStream: Bool { flags & FrameFlag.endStream != 0 }
        var description: String { "type \(type) flags \(flags) stream \(stream) length \(payload.count)" }
    }

    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        struct State {
            var bytes: [UInt8] = []
            var isClosed = false
        }
        let state = Mutex(State())

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            state.withLock { $0.bytes += Array(buffer.readableBytesView) }
        }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed? = event as? ChannelEvent { state.withLock { $0.isClosed = true } }
        }
        func channelInactive(context: ChannelHandlerContext) { state.withLock { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let channel: any Channel
    private let collector: Collector
    private let taken = Mutex<[Frame]>([])

    init(port: Int, isReading: Bool = true) async throws {
        let collector = Collector()
        self.collector = collector
        channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.autoRead, value: isReading)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(collector) }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// Connects and sends the preface, with SETTINGS of the client's.
    static func open(_ port: Int, settings: [(parameter: UInt16, value: Int)] = []) async throws -> FrameClient {
        let client = try await FrameClient(port: port)
        var buffer = ByteBuffer()
        buffer.writeSettings(settings)
        try await client.send(preface + Array(buffer.readableBytesView))
        return client
    }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

    func send(_ type: UInt8, _ flags: UInt8 = 0, _ stream: UInt32 = 0, _ payload: [UInt8] = []) async throws {
        try await send(Self.frame(type, flags, stream, payload))
    }

    static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeFrameHeader(length: payload.count, type: type, flags: flags, stream: stream)
        buffer.writeBytes(payload)
        return Array(buffer.readableBytesView)
    }

    func close() async { try? await channel.close().get() }

    var isClosed: Bool { collector.state.withLock { $0.isClosed } }

    /// Takes what has come as frames.
    var frames: [Frame] {
        let new = collector.state.withLock { state in
            var new: [Frame] = []
            while state.bytes.count >= 9 {
                let header = FrameHeader(state.bytes.span)
                guard state.bytes.count >= 9 + header.length else { break }
                new.append(
                    Frame(
                        type: header.type, flags: header.flags, stream: header.stream,
                        payload: Array(state.bytes[9..<9 + header.length])))
                state.bytes.removeFirst(9 + header.length)
            }
            return new
        }
        return taken.withLock { taken in
            taken += new
            return taken
        }
    }

    /// The first frame, of all that have come and will within a minute, that `matches`.
    func first(_ matches: (Frame) -> Bool) async throws -> Frame? {
        var found: Frame?
        _ = try await eventually {
            found = frames.first(where: matches)
            return found != nil || isClosed
        }
        return found ?? frames.first(where: matches)
    }

    func headers(_ stream: UInt32) async throws -> Frame? {
        try await first { $0.type == FrameType.headers && $0.stream == stream }
    }

    /// Waits for the end of a stream.
    ///
    /// - Returns: the bytes of its body.
    func body(_ stream: UInt32) async throws -> [UInt8] {
        _ = try await first { frame in
            frame.stream == stream && (frame.endsStream && frame.type <= 1 || frame.type == FrameType.reset)
        }
        return frames.filter { $0.type == FrameType.data && $0.stream == stream }.flatMap(\.payload)
    }

    /// The fields of an answer, if it is the only one of the connection that has been decoded so.
    static func fields(_ frame: Frame?) throws -> [String: String] {
        var decoder = HPACKDecoder(tableBytes: 4_096)
        var list = HeaderList()
        let block = try #require(frame).payload
        try decoder.decode(block.span, into: &list)
        return Dictionary(
            list.entries.map { (list.string($0.name), list.string($0.value)) }, uniquingKeysWith: { "\($0)|\($1)" })
    }
}

/// Header blocks for tests, good and bad.
enum Block {
    static func fields(_ fields: [(String, String)]) -> [UInt8] {
        var block: [UInt8] = []
        for (name, value) in fields {
            block.append(0)
            for text in [name, value] {
                HPACKEncoder.writeInteger(text.utf8.count, prefix: 7, first: 0, to: &block)
                block += Array(text.utf8)
            }
        }
        return block
    }

    static func request(_ method: String = "GET", _ path: String = "/", authority: String = "shop.example") -> [UInt8] {
        fields([(":method", method), (":scheme", "http"), (":path", path), (":authority", authority)])
    }

    static func request(_ method: String, _ more: [(String, String)]) -> [UInt8] { request(method) + fields(more) }

    static func request(_ more: [(String, String)]) -> [UInt8] { request("GET", more) }
}
