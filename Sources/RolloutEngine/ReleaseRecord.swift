public import DeliveryModel

/// What the engine knows of one release of one service.
public struct ReleaseRecord: Sendable, Equatable, Codable {
    public enum Standing: String, Sendable, Codable {
        /// Accepted; it has not served everybody yet.
        case accepted
        /// Has served everybody: undo may go back to it.
        case good
        /// Taken back; never a candidate again by itself.
        case undone
        /// A newer one was deployed before its turn came.
        case superseded
    }

    public var digest: ReleaseDigest
    public var commit: String
    /// Commit time.
    public var createdAt: Timestamp
    public var acceptedAt: Timestamp
    public var specification: ServiceSpecification
    public var standing: Standing
    /// Why it was undone, in a sentence.
    public var reason: String
    /// Instances that run or are about to.
    public var instances: [InstanceSlot]
    /// Idle instances are kept until then.
    public var warmUntil: Timestamp?

    public init(
        digest: ReleaseDigest, commit: String, createdAt: Timestamp, acceptedAt: Timestamp,
        specification: ServiceSpecification
    ) {
        self.digest = digest
        self.commit = commit
        self.createdAt = createdAt
        self.acceptedAt = acceptedAt
        self.specification = specification
        standing = .accepted
        reason = ""
        instances = []
        warmUntil = nil
    }

    /// All its instances can serve.
    public var isReady: Bool { !instances.isEmpty && instances.allSatisfy(\.isReady) }

    /// At least one instance is known to serve: one that is ready and not being replaced.
    public var canServe: Bool {
        let replaced = Set(instances.compactMap(\.replaces))
        return instances.contains { $0.isReady && !replaced.contains($0.id) }
    }
}

/// One instance of a release: its identity, and where it listens once it is ready.
public struct InstanceSlot: Sendable, Equatable, Codable {
    public var id: String
    public var port: Int
    public var isReady: Bool
    /// The instance that this one replaces; it serves until this one is ready.
    public var replaces: String?

    public init(id: String, port: Int = 0, isReady: Bool = false, replaces: String? = nil) {
        self.id = id
        self.port = port
        self.isReady = isReady
        self.replaces = replaces
    }
}
