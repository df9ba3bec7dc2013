import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Testing

@testable import TrafficRouter

/// What a TLS client found out.
struct TLSGreeting: Equatable {
    /// Which of the tests' certificates the server showed; empty for any other.
    var certificate = ""
    var version: TLSVersion?
    var negotiated: String?
}

/// Shakes hands with a server, and closes.
enum TLSClient {
    private final class Waiter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let promise: EventLoopPromise<TLSGreeting>
        init(_ promise: EventLoopPromise<TLSGreeting>) { self.promise = promise }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent else { return }
            var greeting = TLSGreeting(negotiated: negotiated)
            if let tls = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self) {
                greeting.version = tls.tlsVersion
                greeting.certificate = tls.peerCertificate.map(TestCertificate.name) ?? ""
            }
            promise.succeed(greeting)
        }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { promise.fail(error) }
        func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }
    }

    /// - Parameter versions: of TLS, as in 1.2 and 1.3.
    static func greet(
        _ port: Int, host: String?, protocols: [String] = ["h2"], versions: ClosedRange<Int> = 12...13
    ) async throws -> TLSGreeting {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = protocols
        configuration.minimumTLSVersion = version(versions.lowerBound)
        configuration.maximumTLSVersion = version(versions.upperBound)
        let context = try NIOSSLContext(configuration: configuration)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: TLSGreeting.self)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: host))
                    try pipeline.addHandler(Waiter(promise))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        defer { channel.close(promise: nil) }
        return try await promise.futureResult.get()
    }

    private static func version(_ number: Int) -> TLSVersion {
        switch number {
        case 11: .tlsv11
        case 12: .tlsv12
        default: .tlsv13
        }
    }
}
