/// The router's limits as a table sets them; `nil` leaves the router's default. Times in the order of a request's way.
public struct TrafficLimits: Sendable, Equatable, Codable {
    /// A request's or an answer's head.
    public var maxHeadBytes: Int?
    /// Header fields in one head.
    public var maxHeadFields: Int?
    /// The request's target: path and query.
    public var maxTargetBytes: Int?
    /// One header field.
    public var maxFieldBytes: Int?
    /// One chunk's size with its extensions.
    public var maxChunkLineBytes: Int?
    public var maxTrailerBytes: Int?
    /// The rest of a request's body that is read and dropped after an early answer.
    public var maxDiscardedBytes: Int?
    /// Client connections per event loop.
    public var maxClientConnections: Int?
    /// Client connections per event loop and address.
    public var maxConnectionsPerAddress: Int?
    /// Requests under way on one HTTP/2 connection.
    public var maxStreamsPerConnection: Int?
    /// Streams that a client may cancel on one HTTP/2 connection within a minute.
    public var maxResetsPerMinute: Int?
    /// Idle connections kept per instance and event loop.
    public var maxIdlePerInstance: Int?
    /// Further instances tried after one that could not be connected to.
    public var maxConnectRetries: Int?
    /// TLS: from the connection to the end of the handshake.
    @InSecondsIfSet public var handshakeTimeout: Duration?
    /// From the first byte of a head to its last.
    @InSecondsIfSet public var headTimeout: Duration?
    /// Longest silence of a client that has more of a body to send, or an answer to read.
    @InSecondsIfSet public var bodyTimeout: Duration?
    /// Longest time between an answer and the next request of a connection.
    @InSecondsIfSet public var idleTimeout: Duration?
    @InSecondsIfSet public var connectTimeout: Duration?
    /// Longest wait for an instance's answer to begin.
    @InSecondsIfSet public var responseTimeout: Duration?
    /// Longest silence inside an answer.
    @InSecondsIfSet public var streamTimeout: Duration?
    /// Longest silence of an upgraded connection, such as a WebSocket.
    @InSecondsIfSet public var tunnelTimeout: Duration?
    /// Longest wait for the rest of a request's body after an early answer.
    @InSecondsIfSet public var discardTimeout: Duration?
    /// Idle time after which a connection to an instance is closed.
    @InSecondsIfSet public var upstreamIdleTimeout: Duration?
    /// Longest time that requests and WebSockets have to end when the router stops or is replaced.
    @InSecondsIfSet public var drainTimeout: Duration?

    public init() {}
}

extension TrafficLimits {
    /// One of the limits: its name, where it is kept, what it may be, and what it is for.
    struct Field<Value: Comparable> {
        let name: String
        let path: WritableKeyPath<TrafficLimits, Value?>
        let range: ClosedRange<Value>
        let summary: String

        init(
            _ name: String, _ path: WritableKeyPath<TrafficLimits, Value?>, _ range: ClosedRange<Value>,
            _ summary: String
        ) {
            self.name = name
            self.path = path
            self.range = range
            self.summary = summary
        }
    }

    /// Those that are numbers. A name that ends in `Bytes` is of a size.
    static var countFields: [Field<Int>] {
        [
            Field("maxHeadBytes", \.maxHeadBytes, 1_024...1_048_576, "A request's or an answer's head."),
            Field("maxHeadFields", \.maxHeadFields, 10...10_000, "Header fields in one head."),
            Field("maxTargetBytes", \.maxTargetBytes, 128...1_048_576, "Path and query of a request."),
            Field("maxFieldBytes", \.maxFieldBytes, 128...1_048_576, "One header field."),
            Field("maxChunkLineBytes", \.maxChunkLineBytes, 16...65_536, "A chunk's size with its extensions."),
            Field("maxTrailerBytes", \.maxTrailerBytes, 0...1_048_576, "Fields behind a chunked body."),
            Field(
                "maxDiscardedBytes", \.maxDiscardedBytes, 0...1_073_741_824,
                "Rest of a request's body that is read and dropped after an early answer."),
            Field(
                "maxClientConnections", \.maxClientConnections, 1...10_000_000, "Client connections per event loop."),
            Field(
                "maxConnectionsPerAddress", \.maxConnectionsPerAddress, 1...10_000_000,
                "Client connections per event loop and address."),
            Field(
                "maxStreamsPerConnection", \.maxStreamsPerConnection, 1...10_000,
                "Requests under way on one HTTP/2 connection."),
            Field(
                "maxResetsPerMinute", \.maxResetsPerMinute, 1...1_000_000,
                "Requests that a client may cancel on one HTTP/2 connection within a minute."),
            Field(
                "maxIdlePerInstance", \.maxIdlePerInstance, 0...10_000,
                "Idle connections kept per instance and event loop."),
            Field(
                "maxConnectRetries", \.maxConnectRetries, 0...100,
                "Further instances tried after one that could not be connected to."),
        ]
    }

    /// Those that are times.
    static var timeFields: [Field<Duration>] {
        let (short, long): (ClosedRange<Duration>, ClosedRange<Duration>) = (
            .milliseconds(10)...(.seconds(600)), .milliseconds(10)...(.seconds(86_400))
        )
        return [
            Field("handshakeTimeout", \.handshakeTimeout, short, "From a connection to the end of its TLS handshake."),
            Field("headTimeout", \.headTimeout, short, "From the first byte of a head to its last."),
            Field(
                "bodyTimeout", \.bodyTimeout, long,
                "Longest silence of a client that has more of a body to send, or an answer to read."),
            Field("idleTimeout", \.idleTimeout, long, "Between an answer and the next request of a connection."),
            Field("connectTimeout", \.connectTimeout, short, "To connect to an instance."),
            Field("responseTimeout", \.responseTimeout, long, "Longest wait for an instance's answer to begin."),
            Field("streamTimeout", \.streamTimeout, long, "Longest silence inside an answer."),
            Field(
                "tunnelTimeout", \.tunnelTimeout, long,
                "Longest silence of an upgraded connection, such as a WebSocket."),
            Field(
                "discardTimeout", \.discardTimeout, short,
                "Longest wait for the rest of a request's body after an early answer."),
            Field(
                "upstreamIdleTimeout", \.upstreamIdleTimeout, long,
                "Idle time after which a connection to an instance is closed."),
            Field(
                "drainTimeout", \.drainTimeout, .zero...(.seconds(86_400)),
                "What requests and WebSockets have to end in when the router is replaced, or an instance leaves."),
        ]
    }

    /// Each limit that is a number, with what it may be.
    public var counts: [(name: String, value: Int?, range: ClosedRange<Int>)] {
        Self.countFields.map { ($0.name, self[keyPath: $0.path], $0.range) }
    }

    /// Each limit that is a time, with what it may be.
    public var times: [(name: String, value: Duration?, range: ClosedRange<Duration>)] {
        Self.timeFields.map { ($0.name, self[keyPath: $0.path], $0.range) }
    }
}

/// A service's own times towards its instances; `nil`: those of ``TrafficLimits``.
public struct UpstreamTimeouts: Sendable, Equatable, Codable {
    @InSecondsIfSet public var connect: Duration?
    /// Longest wait for an answer to begin.
    @InSecondsIfSet public var response: Duration?
    /// Longest silence inside an answer.
    @InSecondsIfSet public var stream: Duration?

    public init(connect: Duration? = nil, response: Duration? = nil, stream: Duration? = nil) {
        self.connect = connect
        self.response = response
        self.stream = stream
    }
}
