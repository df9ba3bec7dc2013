/// People write tables by hand, too: what has a default may be left out.
extension RouteTable {
    private enum Field: String, CodingKey { case generation, services }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Field.self)
        self.init(
            generation: try container.decodeIfPresent(UInt64.self, forKey: .generation) ?? 1,
            services: try container.decode([RoutedService].self, forKey: .services))
    }
}

extension RoutedService {
    private enum Field: String, CodingKey { case name, hosts, paths, preview, releases }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Field.self)
        self.init(
            name: try container.decode(ServiceName.self, forKey: .name),
            hosts: try container.decodeIfPresent([String].self, forKey: .hosts) ?? [],
            paths: try container.decodeIfPresent([String].self, forKey: .paths) ?? [],
            preview: try container.decodeIfPresent(PreviewPolicy.self, forKey: .preview) ?? .loopback,
            releases: try container.decode([RoutedRelease].self, forKey: .releases))
    }
}

extension RoutedRelease {
    private enum Field: String, CodingKey { case digest, commit, shareBasisPoints, salt, healthPath, instances }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Field.self)
        self.init(
            digest: try container.decode(ReleaseDigest.self, forKey: .digest),
            commit: try container.decodeIfPresent(String.self, forKey: .commit) ?? "",
            shareBasisPoints: try container.decode(Share.self, forKey: .shareBasisPoints),
            salt: try container.decodeIfPresent(String.self, forKey: .salt) ?? "",
            healthPath: try container.decodeIfPresent(String.self, forKey: .healthPath) ?? "",
            instances: try container.decode([RoutedInstance].self, forKey: .instances))
    }
}

extension RoutedInstance {
    private enum Field: String, CodingKey { case id, host, port, draining }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Field.self)
        let host = try container.decodeIfPresent(String.self, forKey: .host) ?? "127.0.0.1"
        let port = try container.decode(Int.self, forKey: .port)
        self.init(
            id: try container.decodeIfPresent(String.self, forKey: .id) ?? "\(host):\(port)", host: host, port: port,
            draining: try container.decodeIfPresent(Bool.self, forKey: .draining) ?? false)
    }
}
