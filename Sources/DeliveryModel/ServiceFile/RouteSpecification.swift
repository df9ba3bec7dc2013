/// Which requests are the service's, and what happens to them on their way: host matches one of `hosts` (any when
/// empty) and path starts with one of `paths` (any when empty).
public struct RouteSpecification: Sendable, Equatable, Codable {
    public var hosts: [String]
    public var paths: [String]
    /// Who may name a release by header or cookie.
    public var preview: PreviewPolicy
    /// Who may besides those.
    public var previewFrom: [AddressRange]
    /// What the instances speak; JSON key `protocol`.
    public var instanceProtocol: InstanceProtocol
    public var sticky: StickyPolicy
    public var rules: [RouteRule]
    public var rescue: RescuePolicy
    /// Where `health.active.path` is empty, `run.ready.path` is requested.
    public var health: HealthPolicy
    public var mirror: MirrorSpecification?
    public var timeouts: UpstreamTimeouts
    public var tls: CertificateSpecification?

    public init(
        hosts: [String] = [], paths: [String] = [], preview: PreviewPolicy = .loopback,
        previewFrom: [AddressRange] = [], instanceProtocol: InstanceProtocol = .http1, sticky: StickyPolicy = .cookie,
        rules: [RouteRule] = [], rescue: RescuePolicy = .init(), health: HealthPolicy = .init(),
        mirror: MirrorSpecification? = nil, timeouts: UpstreamTimeouts = .init(), tls: CertificateSpecification? = nil
    ) {
        self.hosts = hosts
        self.paths = paths
        self.preview = preview
        self.previewFrom = previewFrom
        self.instanceProtocol = instanceProtocol
        self.sticky = sticky
        self.rules = rules
        self.rescue = rescue
        self.health = health
        self.mirror = mirror
        self.timeouts = timeouts
        self.tls = tls
    }

    private enum CodingKeys: String, CodingKey {
        case hosts, paths, preview, previewFrom
        case instanceProtocol = "protocol"
        case sticky, rules, rescue, health, mirror, timeouts, tls
    }

    // Specifications stored by earlier versions lack the newer keys.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        hosts = try values.value(.hosts, or: hosts)
        paths = try values.value(.paths, or: paths)
        preview = try values.value(.preview, or: preview)
        previewFrom = try values.value(.previewFrom, or: previewFrom)
        instanceProtocol = try values.value(.instanceProtocol, or: instanceProtocol)
        sticky = try values.value(.sticky, or: sticky)
        rules = try values.value(.rules, or: rules)
        rescue = try values.value(.rescue, or: rescue)
        health = try values.value(.health, or: health)
        mirror = try values.decodeIfPresent(MirrorSpecification.self, forKey: .mirror)
        timeouts = try values.value(.timeouts, or: timeouts)
        tls = try values.decodeIfPresent(CertificateSpecification.self, forKey: .tls)
    }
}

public enum PreviewPolicy: String, Sendable, Codable, CaseIterable {
    case anyone, loopback, nobody
}

/// While the candidate is checked in the dark it gets copies of people's requests.
public struct MirrorSpecification: Sendable, Equatable, Codable {
    /// The part of requests that is mirrored.
    public var share: Share
    /// How long, before the candidate gets its first traffic; JSON key `for`.
    @InSeconds public var time: Duration
    public var methods: [String]
    /// Requests with a longer body are not mirrored.
    public var maxBodyBytes: Int
    /// `nil`: the copies' answers are thrown away.
    public var compare: MirrorComparison?

    public init(
        share: Share, time: Duration = .seconds(300), methods: [String] = RequestMethods.safe,
        maxBodyBytes: Int = 65_536, compare: MirrorComparison? = MirrorComparison()
    ) {
        self.share = share
        self.time = time
        self.methods = methods
        self.maxBodyBytes = maxBodyBytes
        self.compare = compare
    }

    private enum CodingKeys: String, CodingKey {
        case share
        case time = "for"
        case methods, maxBodyBytes, compare
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(share: try values.decode(Share.self, forKey: .share), compare: nil)
        time = try values.seconds(.time, or: time)
        methods = try values.value(.methods, or: methods)
        maxBodyBytes = try values.value(.maxBodyBytes, or: maxBodyBytes)
        compare = try values.decodeIfPresent(MirrorComparison.self, forKey: .compare)
    }
}

/// Files on the router's machine, as ``RoutedCertificate`` has them.
public struct CertificateSpecification: Sendable, Equatable, Codable {
    /// The certificate and those that lead to the root.
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}
