import DeliveryModel
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

extension Router {
    /// Accepts on the admin socket, then on the ports for traffic.
    func listen(_ group: MultiThreadedEventLoopGroup, _ start: Start) async throws {
        if let admin = start.admin {
            let channel = try await adminBootstrap(group).withBoundSocket(admin.copy()).get()
            state.withLock { $0.listeners[.admin] = channel }
        }
        let workers = state.withLock { $0.workers }
        for (kind, offer) in offers {
            let kept = configuration.serviceManager?.inherited[kind].map(ListeningSocket.init(descriptor:))
            guard let (host, port) = configuration.address(kind) else {
                kept?.close()
                continue
            }
            let handed = start.handed?.descriptors[kind].map(ListeningSocket.init(descriptor:))
            let socket: ListeningSocket
            if let handed, handed.serves(host: host, port: port) {
                kept?.close()
                socket = handed
            } else if let kept, kept.serves(host: host, port: port) {
                socket = kept
            } else {
                kept?.close()
                socket = try ListeningSocket(host: host, port: port)
            }
            state.withLock { $0.sockets[kind] = socket }
            let channel = try await TrafficListener.listen(on: socket, group: group, workers: workers, offer)
            state.withLock { $0.listeners[kind] = channel }
        }
    }

    /// Gives copies of the sockets to whoever starts this router again should it crash.
    func leaveSocketsForSafekeeping() {
        guard let manager = configuration.serviceManager else { return }
        if let failure = manager.keep(state.withLock { $0.sockets }) {
            configuration.complain("clients will be refused while this router is restarted after a crash: \(failure)")
        }
    }

    private var offers: [(HandedSockets.Kind, TrafficPipeline.Offer)] {
        let isBehindBalancer = configuration.takesProxyHeader
        return [
            (.traffic, .init(takesProxyHeader: isBehindBalancer)),
            (.tls, .init(certificates: certificates, takesProxyHeader: isBehindBalancer)),
        ]
    }

    private func adminBootstrap(_ group: MultiThreadedEventLoopGroup) -> ServerBootstrap {
        let limit = configuration.limits.maxAdminBodyBytes
        return ServerBootstrap(group: group)
            .childChannelInitializer { [weak self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(
                        AdminHandler(maxBodyBytes: limit) { [weak self] request in
                            await self?.answer(request)
                                ?? .problem(.serviceUnavailable, "the router is shutting down")
                        })
                }
            }
    }

    /// No more clients come in here.
    func stopAccepting(_ state: State) async {
        for kind in [HandedSockets.Kind.traffic, .tls] {
            try? await state.listeners[kind]?.close().get()
            state.sockets[kind]?.close()
        }
    }

    // MARK: Certificates

    /// Puts the certificates of the table in force, after those of the command line.
    ///
    /// What cannot be read is told and tried again: it must not keep a table from being put in force.
    func useCertificates(of table: RouteTable) {
        let wanted = configuration.certificates + table.certificates
        guard configuration.tls != nil else {
            if !table.certificates.isEmpty {
                configuration.complain("the table has certificates, but no address for TLS was given (--tls)")
            }
            return
        }
        for failure in certificates.use(wanted) { configuration.complain(failure) }
        if wanted.isEmpty { configuration.complain("there is no certificate yet: TLS connections are closed") }
        state.withLock { state in
            guard state.certificateWatch == nil else { return }
            state.certificateWatch = Task { [certificates, complain = configuration.complain] in
                await certificates.watch(complain: complain)
            }
        }
    }
}

extension RouterConfiguration {
    /// Where to listen, if at all.
    func address(_ kind: HandedSockets.Kind) -> (host: String, port: Int)? {
        switch kind {
        case .traffic: (listenHost, listenPort)
        case .tls: tls
        case .admin, .lock: nil
        }
    }
}
