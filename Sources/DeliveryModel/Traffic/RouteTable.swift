/// Everything the router needs to send a request to an instance; swapped whole. JSON form: keys as named here.
public struct RouteTable: Sendable, Equatable, Codable {
    /// Rises with every change; a router refuses a table older than its own.
    public var generation: UInt64
    public var services: [RoutedService]

    public init(generation: UInt64 = 0, services: [RoutedService] = []) {
        self.generation = generation
        self.services = services
    }
}

public struct RoutedService: Sendable, Equatable, Codable {
    public var name: ServiceName
    /// Host names without port, lower case; empty: any host.
    public var hosts: [String]
    /// Path prefixes at segment borders; empty: any path. The longest match over all services wins, an exact host
    /// before any host.
    public var paths: [String]
    public var preview: PreviewPolicy
    /// Every release that has instances, those with share 0 (dark or warm) too. Shares add up to 10,000, or all are 0.
    public var releases: [RoutedRelease]

    public init(
        name: ServiceName, hosts: [String] = [], paths: [String] = [], preview: PreviewPolicy = .loopback,
        releases: [RoutedRelease]
    ) {
        self.name = name
        self.hosts = hosts
        self.paths = paths
        self.preview = preview
        self.releases = releases
    }
}

public struct RoutedRelease: Sendable, Equatable, Codable {
    public var digest: ReleaseDigest
    public var commit: String
    public var shareBasisPoints: Share
    /// Salt of the split when this release is a candidate, so that the same people are not the canaries every time.
    public var salt: String
    /// Path of the active health check; empty: none.
    public var healthPath: String
    public var instances: [RoutedInstance]

    public init(
        digest: ReleaseDigest, commit: String = "", shareBasisPoints: Share, salt: String = "", healthPath: String = "",
        instances: [RoutedInstance]
    ) {
        self.digest = digest
        self.commit = commit
        self.shareBasisPoints = shareBasisPoints
        self.salt = salt
        self.healthPath = healthPath
        self.instances = instances
    }
}

public struct RoutedInstance: Sendable, Equatable, Codable, Hashable {
    public var id: String
    public var host: String
    public var port: Int
    /// Gets no new requests; those under way end in peace.
    public var draining: Bool

    public init(id: String, host: String = "127.0.0.1", port: Int, draining: Bool = false) {
        self.id = id
        self.host = host
        self.port = port
        self.draining = draining
    }
}
