public import DeliveryModel
public import NIOCore

/// Where a router listens, what it keeps on disk, and its limits.
public struct RouterConfiguration: Sendable {
    /// Numeric address or name to listen on for traffic.
    public var listenHost: String
    /// Port for traffic; 0 lets the system choose, see `Router.trafficPort`.
    public var listenPort: Int
    /// Address for clients that come with TLS; `nil`: none. Port 0 as above, see `Router.tlsPort`.
    public var tls: (host: String, port: Int)?
    /// Shown before those of the table.
    public var certificates: [RoutedCertificate] = []
    /// Whether each connection from the table's trusted proxies must begin with a PROXY header.
    public var takesProxyHeader = false
    /// Whether to take the sockets and the table of the router that holds the admin socket, if there is one; what is
    /// given as the initial table is then not used.
    public var takesOver = false
    /// Unix socket of the admin interface; `nil`: none. A path longer than 100 bytes is refused by the system.
    public var adminSocketPath: String?
    /// File that keeps the last table; `nil`: the router forgets it when it ends.
    public var tableFile: String?
    /// Event loops, at least 1.
    public var workers: Int
    public var limits: RouterLimits
    /// Keeps the sockets for traffic open while this router is restarted; `nil`: nobody does.
    public var serviceManager: ServiceManager?
    /// Shown to those who want to know whether a newer binary, or other options, should take this router's place.
    public var launch: RouterLaunch?
    /// Told what people should know and no request shows, such as an access log that cannot be written.
    public var complain: @Sendable (String) -> Void

    public init(
        listenHost: String, listenPort: Int, adminSocketPath: String? = nil, tableFile: String? = nil,
        workers: Int = 2, limits: RouterLimits = .init(), complain: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.complain = complain
        self.listenHost = listenHost
        self.listenPort = listenPort
        self.adminSocketPath = adminSocketPath
        self.tableFile = tableFile
        self.workers = max(1, workers)
        self.limits = limits
    }
}

/// Which program a router is, and how it was started.
public struct RouterLaunch: Sendable, Equatable, Codable {
    /// Tells this file from every other one, and from itself before it was written anew.
    public var executable: String
    /// What stood behind `nonevent router`.
    public var options: [String]

    public init(executable: String, options: [String]) {
        self.executable = executable
        self.options = options
    }
}

/// Every limit of the router by name. Bodies have no size limit: they are streamed and never held whole.
public struct RouterLimits: Sendable {
    /// Request or response head, in bytes; more is answered 431 (request) or 502 (response).
    public var maxHeaderBytes = 64 * 1024
    /// Header fields in one head.
    public var maxHeaderFields = 200
    /// Request line, in bytes; more is answered 414.
    public var maxTargetBytes = 16 * 1024
    /// One header field, in bytes; more is answered 431.
    public var maxFieldBytes = 32 * 1024
    /// Size line of a chunk, with its extensions.
    public var maxChunkLineBytes = 256
    /// Fields behind a chunked body, together.
    public var maxTrailerBytes = 8 * 1024
    /// Client connections per event loop; more are closed at once.
    public var maxClientConnections = 8_192
    /// Client connections per event loop and address; more are closed at once.
    public var maxConnectionsPerAddress = Int.max
    /// Requests under way on one HTTP/2 connection; more are refused.
    public var maxStreamsPerConnection = 128
    /// Requests that one HTTP/2 connection may cancel within a minute; more end it.
    public var maxResetsPerMinute = 300
    /// Rest of a request body that is read and dropped after an early answer; past it the connection is closed.
    public var maxDiscardedBytes = 4 * 1024 * 1024
    /// Longest time a rest of a request body is waited for after an early answer.
    public var discardTimeout: TimeAmount = .seconds(2)
    /// Longest wait for a connection to an instance. Above one second, after which the system tries again by itself: an
    /// instance whose queue was full for a moment, or a lost packet, costs time and no request.
    public var connectTimeout: TimeAmount = .milliseconds(1_500)
    /// Longest wait for the head of an answer since the last byte sent to the instance.
    public var upstreamResponseTimeout: TimeAmount = .seconds(60)
    /// Longest silence inside an answer's body (event streams need some).
    public var upstreamStreamTimeout: TimeAmount = .seconds(300)
    /// Longest wait for a client that neither sends its body nor reads its answer.
    public var clientStallTimeout: TimeAmount = .seconds(60)
    /// Longest time between the end of an answer and the end of the next request's head.
    public var clientIdleTimeout: TimeAmount = .seconds(75)
    /// Longest time from the first byte of a request's head to its last; later is answered 408.
    public var headTimeout: TimeAmount = .seconds(10)
    /// Longest time from a connection to the end of its TLS handshake.
    public var handshakeTimeout: TimeAmount = .seconds(10)
    /// Least rate of a request's body, measured from its head; below it, once `bodyGrace` is over, is answered 408.
    public var minBodyBytesPerSecond = 240
    public var bodyGrace: TimeAmount = .seconds(20)
    /// Longest silence of an upgraded connection, such as a WebSocket.
    public var tunnelIdleTimeout: TimeAmount = .hours(1)
    /// Time that an upgraded connection gets to end when its instance has left the table, or the router stops.
    public var tunnelDrainTimeout: TimeAmount = .seconds(30)
    /// Idle time after which a pooled connection is closed; below the 5 s after which common servers close theirs.
    public var upstreamIdleTimeout: TimeAmount = .milliseconds(4_500)
    /// A request that must not be sent twice uses a pooled connection only when it was idle for less than this.
    public var unsafeReuseWindow: TimeAmount = .milliseconds(500)
    /// Idle connections kept per instance and event loop.
    public var maxIdlePerInstance = 512
    /// Further instances tried after a connect failure.
    public var maxConnectRetries = 3
    /// How long an instance that refused a connection is passed over.
    public var connectFailurePenalty: TimeAmount = .seconds(1)
    public var healthInterval: TimeAmount = .seconds(1)
    public var healthTimeout: TimeAmount = .seconds(2)
    /// Longest time of a mirrored copy of a request, from sending it to the end of its answer.
    public var mirrorAnswerTimeout: TimeAmount = .seconds(10)
    /// Failed checks in a row after which an instance counts as unhealthy.
    public var unhealthyAfter = 2
    /// A router that stops, or is replaced, closes a connection only when it has been idle for this long: a request may
    /// be on its way.
    public var stoppingIdleTime: TimeAmount = .seconds(1)
    /// Longest time `shutdown` waits for requests under way.
    public var shutdownGrace: TimeAmount = .seconds(10)
    /// Body of an admin request, in bytes.
    public var maxAdminBodyBytes = 16 * 1024 * 1024
    /// Releases no longer in the table whose counts are still reported, per event loop.
    public var maxRetiredReleases = 256
    /// First and last wait between two tries to write the table file; doubled in between.
    public var tableFileRetry: ClosedRange<TimeAmount> = .seconds(1)...TimeAmount.seconds(30)

    public init() {}

    /// How often deadlines are looked at: once a second, more often when a limit is shorter than four seconds.
    var sweepInterval: TimeAmount {
        let shortest =
            [
                discardTimeout, upstreamResponseTimeout, upstreamStreamTimeout, clientStallTimeout, clientIdleTimeout,
                upstreamIdleTimeout, headTimeout, tunnelDrainTimeout,
            ].min() ?? .seconds(4)
        return max(.milliseconds(20), min(.seconds(1), .nanoseconds(shortest.nanoseconds / 4)))
    }
}
