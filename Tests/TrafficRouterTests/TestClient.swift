import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A client that sends and receives raw bytes, so that malformed requests can be made and answers judged byte by byte.
final class TestClient: Sendable {
    struct Response: Sendable {
        var status = 0
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
        var text: String { String(decoding: body, as: UTF8.self) }
        subscript(_ name: String) -> String? { headers.first { $0.name == name }?.value }
        /// The value of the person's cookie, when it is set.
        var key: String? {
            headers.first { $0.name == "set-cookie" && $0.value.hasPrefix("nonevent-key=") }
                .map { String($0.value.dropFirst(13).prefix { $0 != ";" }) }
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct Inbox {
        var bytes: [UInt8] = []
        var isClosed = false
    }

    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel
    private let inbox: NIOLockedValueBox<Inbox>

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let inbox: NIOLockedValueBox<Inbox>
        init(inbox: NIOLockedValueBox<Inbox>) { self.inbox = inbox }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            inbox.withLockedValue { $0.bytes += unwrapInboundIn(data).readableBytesView }
        }
        func channelInactive(context: ChannelHandlerContext) { inbox.withLockedValue { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private init(channel: any Channel, inbox: NIOLockedValueBox<Inbox>) {
        (self.channel, self.inbox) = (channel, inbox)
    }

    /// - Parameter noDelay: whether small pieces leave at once, without waiting for acknowledgements of those before.
    static func connect(port: Int, noDelay: Bool = true) async throws -> TestClient {
        try await connect {
            try await $0.channelOption(.tcpOption(.tcp_nodelay), value: noDelay ? 1 : 0)
                .connect(host: "127.0.0.1", port: port).get()
        }
    }

    static func connect(unix path: String) async throws -> TestClient {
        try await connect { try await $0.connect(unixDomainSocketPath: path).get() }
    }

    private static func connect(_ make: (ClientBootstrap) async throws -> any Channel) async throws -> TestClient {
        let inbox = NIOLockedValueBox(Inbox())
        let bootstrap = ClientBootstrap(group: group).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Collector(inbox: inbox))
            }
        }
        return TestClient(channel: try await make(bootstrap), inbox: inbox)
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)).get() }
    func send(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes).get() }
    func close() async { try? await channel.close().get() }
    func pauseReading() async throws { try await channel.setOption(.autoRead, value: false).get() }
    func resumeReading() async throws { try await channel.setOption(.autoRead, value: true).get() }
    var isClosed: Bool { inbox.withLockedValue { $0.isClosed } }

    /// All that has come and was not taken as an answer.
    var received: String { inbox.withLockedValue { String(decoding: $0.bytes, as: UTF8.self) } }

    /// Waits until what has come ends with `suffix`.
    func received(_ suffix: String) async throws {
        try await eventually("\(suffix.debugDescription)") { self.received.hasSuffix(suffix) }
    }

    /// A request without a body.
    func get(_ path: String, host: String = "test", headers: [String] = []) async throws -> Response {
        try await send((["GET \(path) HTTP/1.1", "Host: \(host)"] + headers).joined(separator: "\r\n") + "\r\n\r\n")
        return try await response()
    }

    /// Waits for the next whole answer.
    func response(isHead: Bool = false) async throws -> Response {
        var found: Response?
        try await eventually("an answer") {
            try self.inbox.withLockedValue { inbox in
                guard let (response, count) = try Self.parse(inbox.bytes, isHead: isHead, isClosed: inbox.isClosed)
                else {
                    if inbox.isClosed {
                        throw Failure(
                            description: "closed without a whole answer, after \(inbox.bytes.count) bytes: "
                                + String(decoding: inbox.bytes.prefix(300), as: UTF8.self))
                    }
                    return false
                }
                inbox.bytes.removeFirst(count)
                found = response
                return true
            }
        }
        guard let found else { throw Failure(description: "no answer") }
        return found
    }

    private static func parse(
        _ bytes: [UInt8], isHead: Bool, isClosed: Bool
    ) throws -> (response: Response, count: Int)? {
        guard let end = firstRange(of: Array("\r\n\r\n".utf8), in: bytes, from: 0) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        var response = Response()
        response.status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            response.headers.append((parts[0].lowercased(), parts.count > 1 ? String(parts[1].dropFirst()) : ""))
        }
        var position = end + 4
        if isHead || response.status < 200 || response.status == 204 || response.status == 304 {
            return (response, position)
        }
        if let length = response["content-length"].flatMap({ Int($0) }) {
            guard bytes.count >= position + length else { return nil }
            response.body = Array(bytes[position..<(position + length)])
            return (response, position + length)
        }
        guard response["transfer-encoding"] == "chunked" else {
            response.body = Array(bytes[position...])
            return isClosed ? (response, bytes.count) : nil
        }
        while let lineEnd = firstRange(of: Array("\r\n".utf8), in: bytes, from: position) {
            let size = Int(String(decoding: bytes[position..<lineEnd], as: UTF8.self), radix: 16) ?? -1
            guard size >= 0 else { throw Failure(description: "malformed chunk") }
            guard bytes.count >= lineEnd + 2 + size + 2 else { return nil }
            response.body += bytes[(lineEnd + 2)..<(lineEnd + 2 + size)]
            position = lineEnd + 2 + size + 2
            if size == 0 { return (response, position) }
        }
        return nil
    }

    private static func firstRange(of pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + pattern.count <= bytes.count {
            if bytes[index] == pattern[0], bytes[index..<(index + pattern.count)].elementsEqual(pattern) {
                return index
            }
            index += 1
        }
        return nil
    }
}

/// Looks again and again until `condition` holds, for at most 20 seconds.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(20)
    while clock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    throw TestClient.Failure(description: "waited 20 s in vain for \(what)")
}
