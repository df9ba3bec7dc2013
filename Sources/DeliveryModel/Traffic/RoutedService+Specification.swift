/// From what service files say to what the router does.
extension RoutedService {
    /// - Parameters:
    ///   - route: what holds for the service as a whole.
    ///   - releases: each with what its own service file says of it, so that its protocol and health path are its own.
    public init(name: ServiceName, route: RouteSpecification, releases: [RoutedRelease]) {
        var health = route.health
        // Each release has a path of its own.
        health.active.path = ""
        self.init(
            name: name, hosts: route.hosts, paths: route.paths, preview: route.preview, previewFrom: route.previewFrom,
            sticky: route.sticky, rules: route.rules, rescue: route.rescue, health: health, timeouts: route.timeouts,
            releases: releases)
    }
}

extension RoutedRelease {
    /// - Parameter specification: the release's own service file.
    public init(
        digest: ReleaseDigest, commit: String, shareBasisPoints: Share, salt: String, role: ReleaseRole?,
        specification: ServiceSpecification, instances: [RoutedInstance]
    ) {
        let checked = specification.route.health.active.path
        self.init(
            digest: digest, commit: commit, shareBasisPoints: shareBasisPoints, salt: salt,
            healthPath: checked.isEmpty ? specification.run.ready.path : checked,
            instanceProtocol: specification.route.instanceProtocol, role: role, instances: instances)
    }
}

extension TrafficMirror {
    public init(_ specification: MirrorSpecification, to release: ReleaseDigest) {
        self.init(
            to: release, shareBasisPoints: specification.share, methods: specification.methods,
            maxBodyBytes: specification.maxBodyBytes, compare: specification.compare)
    }
}

extension RoutedCertificate {
    /// The certificate of a service whose requests come for `route`; `nil` when it has none.
    public init?(_ route: RouteSpecification) {
        guard let tls = route.tls, !route.hosts.isEmpty else { return nil }
        self.init(hosts: route.hosts, chain: tls.certificate, key: tls.key)
    }

    /// One entry for each pair of files. Where two services of one host name different files, the first has its way: a
    /// table with a contradiction would be refused, with the changes of all other services.
    public static func merged(_ certificates: [RoutedCertificate]) -> [RoutedCertificate] {
        var merged: [RoutedCertificate] = []
        var taken: Set<String> = []
        for certificate in certificates {
            let hosts = certificate.hosts.filter { taken.insert($0).inserted }
            guard !hosts.isEmpty else { continue }
            if let known = merged.firstIndex(where: { $0.chain == certificate.chain && $0.key == certificate.key }) {
                merged[known].hosts += hosts
            } else {
                merged.append(RoutedCertificate(hosts: hosts, chain: certificate.chain, key: certificate.key))
            }
        }
        return merged
    }
}
