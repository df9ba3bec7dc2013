public import NIOCore

/// Where a router listens, what it keeps on disk, and its limits.
public struct RouterConfiguration: Sendable {
    /// Numeric address or name to listen on for traffic.
    public var listenHost: String
    /// Port for traffic; 0 lets the system choose, see `Router.trafficPort`.
    public var listenPort: Int
    /// Unix socket of the admin interface; `nil`: none. A path longer than 100 bytes is refused by the system.
    public var adminSocketPath: String?
    /// File that keeps the last table; `nil`: the router forgets it when it ends.
    public var tableFile: String?
    /// Event loops, at least 1.
    public var workers: Int
    public var limits: RouterLimits

    public init(
        listenHost: String, listenPort: Int, adminSocketPath: String? = nil, tableFile: String? = nil,
        workers: Int = 2, limits: RouterLimits = .init()
    ) {
        self.listenHost = listenHost
        self.listenPort = listenPort
        self.adminSocketPath = adminSocketPath
        self.tableFile = tableFile
        self.workers = max(1, workers)
        self.limits = limits
    }
}

/// Every limit of the router by name. Bodies have no size limit: they are streamed and never held whole.
public struct RouterLimits: Sendable {
    /// Request or response head, in bytes; more is answered 431 (request) or 502 (response).
    public var maxHeaderBytes = 64 * 1024
    /// Header fields in one head.
    public var maxHeaderFields = 200
    /// Client connections per event loop; more are closed at once.
    public var maxClientConnections = 8_192
    /// Rest of a request body that is read and dropped after an early answer; past it the connection is closed.
    public var maxDiscardedBytes = 4 * 1024 * 1024
    /// Longest time a rest of a request body is waited for after an early answer.
    public var discardTimeout: TimeAmount = .seconds(2)
    public var connectTimeout: TimeAmount = .seconds(1)
    /// Longest wait for the head of an answer since the last byte sent to the instance.
    public var upstreamResponseTimeout: TimeAmount = .seconds(60)
    /// Longest silence inside an answer's body (event streams need some).
    public var upstreamStreamTimeout: TimeAmount = .seconds(300)
    /// Longest wait for a client that neither sends its body nor reads its answer.
    public var clientStallTimeout: TimeAmount = .seconds(60)
    /// Longest time between the end of an answer and the end of the next request's head.
    public var clientIdleTimeout: TimeAmount = .seconds(75)
    /// Idle time after which a pooled connection is closed; below the 5 s after which common servers close theirs.
    public var upstreamIdleTimeout: TimeAmount = .milliseconds(4_500)
    /// A request that must not be sent twice uses a pooled connection only when it was idle for less than this.
    public var unsafeReuseWindow: TimeAmount = .milliseconds(500)
    /// Idle connections kept per instance and event loop.
    public var maxIdlePerInstance = 32
    /// Further instances tried after a connect failure.
    public var maxConnectRetries = 3
    /// How long an instance that refused a connection is passed over.
    public var connectFailurePenalty: TimeAmount = .seconds(1)
    public var healthInterval: TimeAmount = .seconds(1)
    public var healthTimeout: TimeAmount = .seconds(2)
    /// Failed checks in a row after which an instance counts as unhealthy.
    public var unhealthyAfter = 2
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
                upstreamIdleTimeout,
            ].min() ?? .seconds(4)
        return max(.milliseconds(20), min(.seconds(1), .nanoseconds(shortest.nanoseconds / 4)))
    }
}
