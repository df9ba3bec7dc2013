import NIOCore

/// The HTTP/2 connections of one event loop to one instance; nearly always one.
final class HTTP2UpstreamPool {
    private(set) var connections: [HTTP2UpstreamConnection] = []
    /// Streams that the instance takes on each, as it told on the newest.
    var toldStreams = Int.max

    var isEmpty: Bool { connections.isEmpty }

    /// A stream for `exchange`, on a connection that has room, or on a new one. `open()` it next.
    func makeStream(
        for exchange: Exchange, worker: Worker, instance: LiveInstance, timeout: TimeAmount
    ) -> HTTP2UpstreamStream {
        let connection: HTTP2UpstreamConnection
        let now = NIODeadline.now()
        if let free = connections.first(where: { $0.hasRoom && !$0.isStale(now: now) }) {
            connection = free
        } else if connections.count(where: \.takesStreams) >= worker.upstreamHTTP2.maxUpstreamConnections,
            let least = connections.filter(\.takesStreams).min(by: { $0.load < $1.load })
        {
            connection = least
        } else {
            connection = HTTP2UpstreamConnection(worker: worker, instance: instance, pool: self)
            connections.append(connection)
            connection.connect(timeout: timeout)
        }
        return HTTP2UpstreamStream(connection: connection, worker: worker, instance: instance, exchange: exchange)
    }

    func remove(_ connection: HTTP2UpstreamConnection) { connections.removeAll { $0 === connection } }

    /// Ends what is silent or was not used for long; about once a second.
    func sweep(now: NIODeadline) { for connection in connections { connection.sweep(now: now) } }

    /// No new requests; those under way end first. Until then the connections stay here, to be looked after.
    func drain() { for connection in connections { connection.drain() } }

    func close() {
        let leaving = connections
        connections = []
        for connection in leaving { connection.close() }
    }
}
