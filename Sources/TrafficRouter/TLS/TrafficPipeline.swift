import DeliveryModel
import NIOCore
import NIOSSL
import NIOTLS

/// Puts together the handlers of a connection that was just accepted: PROXY header, TLS, then HTTP/1 or HTTP/2.
enum TrafficPipeline {
    /// What a listening socket offers.
    struct Offer: Sendable {
        /// `nil`: cleartext.
        var certificates: TLSCertificateStore?
        /// Whether the table's trusted proxies must begin each connection with a PROXY header.
        var takesProxyHeader = false
        /// `nil`: those that are usual, with what the table sets.
        var http2: HTTP2Limits?
    }

    /// Adds the handlers. On the channel's own event loop, which is the worker's.
    ///
    /// - Throws: when the pipeline is gone already, or there is no certificate.
    static func add(to channel: any Channel, worker: Worker, _ offer: Offer) throws {
        guard offer.takesProxyHeader || offer.certificates != nil else {
            // Most begin with a request; one that does not is found out by that.
            return try channel.pipeline.syncOperations.addHandler(
                HTTP1Connection(
                    worker: worker, scheme: .http, isUnknown: true, http2: offer.http2.map(OwnHTTP2Limits.init)))
        }
        let scheme: URLScheme = offer.certificates == nil ? .http : .https
        let entry = ConnectionEntry(worker: worker, isTLS: scheme == .https) { language, peer in
            switch language {
            case .http1: HTTP1Connection(worker: worker, scheme: scheme, peer: peer)
            case .http2:
                HTTP2Connection(
                    worker: worker, limits: offer.http2 ?? HTTP2Limits().setting(worker.limits), scheme: scheme,
                    peer: peer)
            }
        }
        let pipeline = channel.pipeline.syncOperations
        if offer.takesProxyHeader {
            try pipeline.addHandler(
                ProxyProtocolHandler(worker: worker, isTrusted: { worker.table.trustedProxies.contains($0) }) {
                    entry.setSource($0)
                })
        }
        if let store = offer.certificates {
            guard let certificates = store.certificates else {
                throw TLSFailure("there is no certificate to speak TLS with")
            }
            try addTLS(pipeline, certificates, channel)
        }
        try pipeline.addHandler(entry)
    }

    private static func addTLS(
        _ pipeline: ChannelPipeline.SynchronousOperations, _ certificates: TLSCertificates, _ channel: any Channel
    ) throws {
        guard certificates.count > 1 else {
            return try pipeline.addHandler(NIOSSLServerHandler(context: certificates.standard.context))
        }
        let chooser = ByteToMessageHandler(
            SNIHandler { result in
                let host: String? = if case .hostname(let name) = result { name } else { nil }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let chooser = try pipeline.handler(type: ByteToMessageHandler<SNIHandler>.self)
                    try pipeline.addHandler(
                        NIOSSLServerHandler(context: certificates.choose(host).context), position: .after(chooser))
                }
            })
        try pipeline.addHandler(chooser)
    }
}
