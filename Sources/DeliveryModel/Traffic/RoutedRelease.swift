public struct RoutedRelease: Sendable, Equatable, Codable {
    public var digest: ReleaseDigest
    public var commit: String
    public var shareBasisPoints: Share
    /// Salt of the split when this release is a candidate, so that the same people are not the canaries every time.
    public var salt: String
    /// Path of the active health check; empty: that of the service's `health.active`, or none.
    public var healthPath: String
    /// What the release's instances speak; JSON key `protocol`.
    public var instanceProtocol: InstanceProtocol
    /// `nil`: shares and salt say it, see ``RoutedService/candidate``.
    public var role: ReleaseRole?
    public var instances: [RoutedInstance]

    public init(
        digest: ReleaseDigest, commit: String = "", shareBasisPoints: Share, salt: String = "", healthPath: String = "",
        instanceProtocol: InstanceProtocol = .http1, role: ReleaseRole? = nil, instances: [RoutedInstance]
    ) {
        self.digest = digest
        self.commit = commit
        self.shareBasisPoints = shareBasisPoints
        self.salt = salt
        self.healthPath = healthPath
        self.instanceProtocol = instanceProtocol
        self.role = role
        self.instances = instances
    }

    private enum CodingKeys: String, CodingKey {
        case digest, commit, shareBasisPoints, salt, healthPath
        case instanceProtocol = "protocol"
        case role, instances
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            digest: try values.decode(ReleaseDigest.self, forKey: .digest),
            shareBasisPoints: try values.decode(Share.self, forKey: .shareBasisPoints),
            instances: try values.decode([RoutedInstance].self, forKey: .instances))
        commit = try values.value(.commit, or: commit)
        salt = try values.value(.salt, or: salt)
        healthPath = try values.value(.healthPath, or: healthPath)
        instanceProtocol = try values.value(.instanceProtocol, or: instanceProtocol)
        role = try values.decodeIfPresent(ReleaseRole.self, forKey: .role)
    }
}

/// What an instance speaks on its port.
public enum InstanceProtocol: String, Sendable, Codable, CaseIterable {
    case http1
    /// HTTP/2 without TLS, by prior knowledge (RFC 9113, 3.3): what gRPC needs.
    case h2c
}

/// What a release is in a comparison.
public enum ReleaseRole: String, Sendable, Codable, CaseIterable {
    /// Being judged.
    case candidate
    /// Serves the rest.
    case baseline
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

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let host = try values.value(.host, or: "127.0.0.1")
        let port = try values.decode(Int.self, forKey: .port)
        self.init(
            id: try values.value(.id, or: "\(host):\(port)"), host: host, port: port,
            draining: try values.value(.draining, or: false))
    }
}
