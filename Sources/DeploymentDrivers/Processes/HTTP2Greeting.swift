import NIOCore
import NIOPosix

/// Whether a program speaks HTTP/2 without TLS: it must answer the client's preface with its settings (RFC 9113,
/// section 3.4). No request is made, since nothing is known of what a gRPC service offers.
enum HTTP2Greeting {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: when the port of this machine is closed, or what comes is not a settings frame.
    static func exchange(port: Int, within limit: Duration) async throws {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(TimeAmount(limit))
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            var preface = ByteBuffer(string: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            // An empty SETTINGS frame.
            preface.writeRepeatingByte(0, count: 3)
            preface.writeBytes([4, 0, 0, 0, 0, 0])
            try await outbound.write(preface)
            // Closing the channel ends the wait for what does not come.
            let timer = channel.channel.eventLoop.scheduleTask(in: TimeAmount(limit)) {
                channel.channel.close(promise: nil)
            }
            defer { timer.cancel() }
            var answer = ByteBuffer()
            for try await var part in inbound {
                answer.writeBuffer(&part)
                guard answer.readableBytes >= headerBytes else { continue }
                guard answer.getInteger(at: 3, as: UInt8.self) == settings else {
                    throw Failure(description: "the answer is not HTTP/2")
                }
                return
            }
            throw Failure(description: "the connection ended before the settings came")
        }
    }

    private static let headerBytes = 9
    private static let settings: UInt8 = 4
}
