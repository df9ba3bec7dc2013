public struct RoutedService: Sendable, Equatable, Codable {
    public var name: ServiceName
    /// Host names without port, lower case; empty: any host.
    public var hosts: [String]
    /// Path prefixes at segment borders; empty: any path. The longest match over all services wins, an exact host
    /// before any host.
    public var paths: [String]
    public var preview: PreviewPolicy
    /// Who may name a release besides those whom `preview` allows.
    public var previewFrom: [AddressRange]
    /// How a person is told from another, so that each stays with one release.
    public var sticky: StickyPolicy
    /// Looked at before the split, in this order; the first whose conditions all hold decides.
    public var rules: [RouteRule]
    public var rescue: RescuePolicy
    /// `nil`: requests go on.
    public var hold: TrafficHold?
    public var health: HealthPolicy
    /// `nil`: nothing is mirrored.
    public var mirror: TrafficMirror?
    public var timeouts: UpstreamTimeouts
    /// Every release that has instances, those with share 0 (dark or warm) too. Shares add up to 10,000, or all are 0.
    public var releases: [RoutedRelease]

    public init(
        name: ServiceName, hosts: [String] = [], paths: [String] = [], preview: PreviewPolicy = .loopback,
        previewFrom: [AddressRange] = [], sticky: StickyPolicy = .cookie, rules: [RouteRule] = [],
        rescue: RescuePolicy = .init(), hold: TrafficHold? = nil, health: HealthPolicy = .init(),
        mirror: TrafficMirror? = nil, timeouts: UpstreamTimeouts = .init(), releases: [RoutedRelease]
    ) {
        self.name = name
        self.hosts = hosts
        self.paths = paths
        self.preview = preview
        self.previewFrom = previewFrom
        self.sticky = sticky
        self.rules = rules
        self.rescue = rescue
        self.hold = hold
        self.health = health
        self.mirror = mirror
        self.timeouts = timeouts
        self.releases = releases
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try values.decode(ServiceName.self, forKey: .name),
            releases: try values.decode([RoutedRelease].self, forKey: .releases))
        hosts = try values.value(.hosts, or: hosts)
        paths = try values.value(.paths, or: paths)
        preview = try values.value(.preview, or: preview)
        previewFrom = try values.value(.previewFrom, or: previewFrom)
        sticky = try values.value(.sticky, or: sticky)
        rules = try values.value(.rules, or: rules)
        rescue = try values.value(.rescue, or: rescue)
        hold = try values.decodeIfPresent(TrafficHold.self, forKey: .hold)
        health = try values.value(.health, or: health)
        mirror = try values.decodeIfPresent(TrafficMirror.self, forKey: .mirror)
        timeouts = try values.value(.timeouts, or: timeouts)
    }

    /// Whether a client at `address` may name a release.
    public func mayPreview(from address: IPAddress) -> Bool {
        switch preview {
        case .anyone: true
        case .loopback: address.isLoopback || previewFrom.contains(address)
        case .nobody: previewFrom.contains(address)
        }
    }
}

extension RoutedService {
    /// The release being judged, if there is one.
    public var candidate: RoutedRelease? { candidateIndex.map { releases[$0] } }

    /// The release that serves the rest, and answers for the candidate; `nil` when none has a share or the role.
    public var baseline: RoutedRelease? { baselineIndex.map { releases[$0] } }

    /// Position of ``candidate`` in `releases`: the one with the role, or else the one with a salt whose share is
    /// between 0 and 10,000, both excluded.
    public var candidateIndex: Int? {
        if let explicit = releases.firstIndex(where: { $0.role == .candidate }) { return explicit }
        return releases.firstIndex { release in
            release.role == nil && !release.salt.isEmpty && release.shareBasisPoints > .none
                && release.shareBasisPoints < .all
        }
    }

    /// Position of ``baseline`` in `releases`: the one with the role, or else the one with the greatest share that is
    /// not the candidate.
    public var baselineIndex: Int? {
        if let explicit = releases.firstIndex(where: { $0.role == .baseline }) { return explicit }
        let candidate = candidateIndex
        var best: Int?
        for (index, release) in releases.enumerated() where index != candidate && release.shareBasisPoints > .none {
            if let found = best, releases[found].shareBasisPoints >= release.shareBasisPoints { continue }
            best = index
        }
        return best
    }

    /// Path of the active health check of a release of this service; `nil`: none is made.
    public func healthPath(of release: RoutedRelease) -> String? {
        let path = release.healthPath.isEmpty ? health.active.path : release.healthPath
        return path.isEmpty ? nil : path
    }
}
