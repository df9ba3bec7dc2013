/// Everything the router needs to send a request to an instance; swapped whole. JSON form: keys as named here,
/// durations in seconds, shares in basis points; see ``RouteTableSchema``.
public struct RouteTable: Sendable, Equatable, Codable {
    /// Rises with every change; a router refuses a table older than its own.
    public var generation: UInt64
    public var services: [RoutedService]
    /// What the router shows to clients that come with TLS.
    public var certificates: [RoutedCertificate]
    /// Who is believed in what it says of the client: `Forwarded`, `X-Forwarded-*` and the PROXY protocol.
    public var trustedProxies: [AddressRange]
    /// What is not set has the router's default.
    public var limits: TrafficLimits
    /// `nil`: none is written.
    public var accessLog: AccessLog?

    public init(
        generation: UInt64 = 0, services: [RoutedService] = [], certificates: [RoutedCertificate] = [],
        trustedProxies: [AddressRange] = AddressRange.loopback, limits: TrafficLimits = .init(),
        accessLog: AccessLog? = nil
    ) {
        self.generation = generation
        self.services = services
        self.certificates = certificates
        self.trustedProxies = trustedProxies
        self.limits = limits
        self.accessLog = accessLog
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        generation = try values.value(.generation, or: 1)
        services = try values.decode([RoutedService].self, forKey: .services)
        certificates = try values.value(.certificates, or: certificates)
        trustedProxies = try values.value(.trustedProxies, or: trustedProxies)
        limits = try values.value(.limits, or: limits)
        accessLog = try values.decodeIfPresent(AccessLog.self, forKey: .accessLog)
    }
}

/// A certificate and the names for which it is shown. The files are read again when they change.
public struct RoutedCertificate: Sendable, Hashable, Codable {
    /// Host names in lower case, `*.example.com` for one more label; empty: those that the certificate names. Clients
    /// whose name fits none are shown the first certificate of the list.
    public var hosts: [String]
    /// Absolute path of a PEM file: the certificate, then those that lead to the root.
    public var chain: String
    /// Absolute path of a PEM file with the private key.
    public var key: String

    public init(hosts: [String] = [], chain: String, key: String) {
        self.hosts = hosts
        self.chain = chain
        self.key = key
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            hosts: try values.value(.hosts, or: []), chain: try values.decode(String.self, forKey: .chain),
            key: try values.decode(String.self, forKey: .key))
    }
}

/// One line for each request.
public struct AccessLog: Sendable, Equatable, Codable {
    public enum Format: String, Sendable, Codable, CaseIterable {
        /// One JSON object a line.
        case json
        /// The combined log format of Apache's httpd.
        case combined
    }

    /// Absolute path, or `-` for standard output.
    public var file: String
    public var format: Format
    /// The part of requests that get a line.
    public var sampleBasisPoints: Share

    public init(file: String = "-", format: Format = .json, sampleBasisPoints: Share = .all) {
        self.file = file
        self.format = format
        self.sampleBasisPoints = sampleBasisPoints
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        file = try values.value(.file, or: file)
        format = try values.value(.format, or: format)
        sampleBasisPoints = try values.value(.sampleBasisPoints, or: sampleBasisPoints)
    }
}
