import DeliveryModel
import NIOCore

extension RouterLimits {
    /// These limits with those that a table sets instead.
    func setting(_ table: TrafficLimits) -> RouterLimits {
        var limits = self
        func set<Value>(_ path: WritableKeyPath<RouterLimits, Value>, _ value: Value?) {
            if let value { limits[keyPath: path] = value }
        }
        set(\.maxHeaderBytes, table.maxHeadBytes)
        set(\.maxHeaderFields, table.maxHeadFields)
        set(\.maxTargetBytes, table.maxTargetBytes)
        set(\.maxFieldBytes, table.maxFieldBytes)
        set(\.maxChunkLineBytes, table.maxChunkLineBytes)
        set(\.maxTrailerBytes, table.maxTrailerBytes)
        set(\.maxDiscardedBytes, table.maxDiscardedBytes)
        set(\.maxClientConnections, table.maxClientConnections)
        set(\.maxConnectionsPerAddress, table.maxConnectionsPerAddress)
        set(\.maxStreamsPerConnection, table.maxStreamsPerConnection)
        set(\.maxResetsPerMinute, table.maxResetsPerMinute)
        set(\.maxIdlePerInstance, table.maxIdlePerInstance)
        set(\.maxConnectRetries, table.maxConnectRetries)
        set(\.handshakeTimeout, table.handshakeTimeout.map(TimeAmount.init))
        set(\.headTimeout, table.headTimeout.map(TimeAmount.init))
        set(\.clientStallTimeout, table.bodyTimeout.map(TimeAmount.init))
        set(\.clientIdleTimeout, table.idleTimeout.map(TimeAmount.init))
        set(\.connectTimeout, table.connectTimeout.map(TimeAmount.init))
        set(\.upstreamResponseTimeout, table.responseTimeout.map(TimeAmount.init))
        set(\.upstreamStreamTimeout, table.streamTimeout.map(TimeAmount.init))
        set(\.tunnelIdleTimeout, table.tunnelTimeout.map(TimeAmount.init))
        set(\.discardTimeout, table.discardTimeout.map(TimeAmount.init))
        set(\.upstreamIdleTimeout, table.upstreamIdleTimeout.map(TimeAmount.init))
        set(\.tunnelDrainTimeout, table.drainTimeout.map(TimeAmount.init))
        return limits
    }
}

extension HeadLimits {
    init(_ limits: RouterLimits) {
        self.init()
        maxHeadBytes = limits.maxHeaderBytes
        maxFields = limits.maxHeaderFields
        maxLineBytes = limits.maxTargetBytes
        maxFieldBytes = limits.maxFieldBytes
        maxChunkLineBytes = limits.maxChunkLineBytes
        maxTrailerBytes = limits.maxTrailerBytes
    }
}

extension HTTP2Limits {
    /// Those that a table can set, and the others as they are.
    func setting(_ limits: RouterLimits) -> HTTP2Limits {
        var set = self
        set.maxConcurrentStreams = limits.maxStreamsPerConnection
        set.maxResetsPerMinute = limits.maxResetsPerMinute
        return set
    }
}
