import NIOCore

/// The HTTP/2 connections of one event loop to one instance; nearly always one.
final class HTTP2UpstreamPool {
    /// Connections to one instance: more are only needed when an instance takes few requests on each.
    static let maxConnections = 8

    private var connections: [HTTP2UpstreamConnection] = []

    var isEmpty: Bool { connections.isEmpty }

    /// A stream for `exchange`, on a connection that has room, or on a new one. `open()` it next.
    func makeStream(
        for exchange: Exchange, worker: Worker, instance: LiveInstance, limits: HTTP2Limits, timeout: TimeAmount
    ) -> HTTP2UpstreamStream {
        let connection: HTTP2UpstreamConnection
        if let free = connections.first(where: \.hasRoom) {
            connection = free
        } else if connections.count >= Self.maxConnections,
            let least = connections.filter(\.takesStreams).min(by: { $0.load < $1.load })
        {
            connection = least
        } else {
            connection = HTTP2UpstreamConnection(worker: worker, limits: limits, pool: self)
            connections.append(connection)
            connection.connect(to: instance, timeout: timeout)
        }
        return HTTP2UpstreamStream(connection: connection, worker: worker, instance: instance, exchange: exchange)
    }

    func remove(_ connection: HTTP2UpstreamConnection) { connections.removeAll { $0 === connection } }

    /// Ends what is silent or was not used for long; about once a second.
    func sweep(now: NIODeadline) { for connection in connections { connection.sweep(now: now) } }

    /// No new requests; those under way end first.
    func drain() {
        let leaving = connections
        connections = []
        for connection in leaving { connection.drain() }
    }

    func close() {
        let leaving = connections
        connections = []
        for connection in leaving { connection.close() }
    }
}
