public import DeliveryModel

extension RouteTable {
    /// Refuses a table that contradicts itself, before any of it takes effect.
    ///
    /// - Throws: `RouterError` with code `malformedTable`, naming the service, release and field.
    public func validate() throws(RouterError) {
        var names = Set<ServiceName>()
        for service in services {
            guard names.insert(service.name).inserted else {
                throw malformed("service '\(service.name)' stands in the table twice; name each service once")
            }
            try service.validate()
        }
        try RoutedCertificate.validate(certificates)
        guard trustedProxies.count <= TrafficBounds.ranges else {
            throw malformed("trustedProxies has \(trustedProxies.count) entries; at most \(TrafficBounds.ranges)")
        }
        try limits.validate()
        guard let file = accessLog?.file, file != "-", !RouteText.isFile(file) else { return }
        throw malformed("accessLog.file '\(file)' must be an absolute path, or '-' for standard output")
    }
}

extension RoutedService {
    func validate() throws(RouterError) {
        for host in hosts {
            guard !host.isEmpty, !host.contains("/"), host == host.lowercased() else {
                throw malformed("service '\(name)': host '\(host)' must be a lower-case host name without port")
            }
        }
        for path in paths where !path.hasPrefix("/") {
            throw malformed("service '\(name)': path '\(path)' must start with '/'")
        }
        try validateReleases()
        let check = FieldCheck(place: "service '\(name)'")
        try check.count(previewFrom.count, "previewFrom", 0...TrafficBounds.ranges)
        if case .header(let header) = sticky, !RouteText.isToken(header) {
            throw malformed("\(check.place): sticky.header '\(header)' must be the name of a header")
        }
        try check.count(rules.count, "rules", 0...TrafficBounds.rules)
        for (index, rule) in rules.enumerated() { try rule.validate(at: check.inside("rules[\(index)]")) }
        try rescue.validate(at: check)
        try hold?.validate(at: check)
        try health.validate(at: check)
        try mirror?.validate(at: check, releases: releases)
        for (name, value) in [
            ("connect", timeouts.connect), ("response", timeouts.response), ("stream", timeouts.stream),
        ] {
            if let value { try check.time(value, "timeouts.\(name)", TrafficBounds.upstreamTime) }
        }
    }

    private func validateReleases() throws(RouterError) {
        var digests = Set<ReleaseDigest>()
        var roles = Set<ReleaseRole>()
        var total = 0
        for release in releases {
            guard digests.insert(release.digest).inserted else {
                throw malformed("service '\(name)': release \(release.digest.short) stands there twice")
            }
            if let role = release.role, !roles.insert(role).inserted {
                throw malformed(
                    "service '\(name)', release \(release.digest.short): role '\(role.rawValue)' is another "
                        + "release's already; give it to one")
            }
            total += release.shareBasisPoints.basisPoints
            try release.validate(service: name)
        }
        guard total == 0 || total == 10_000 else {
            throw malformed(
                "service '\(name)': the shares of its releases add up to \(total) basis points; "
                    + "they must add up to 10000, or all be 0")
        }
    }
}

extension RoutedRelease {
    func validate(service: ServiceName) throws(RouterError) {
        let place = "service '\(service)', release \(digest.short)"
        try FieldCheck.healthPath(healthPath, at: place)
        var ids = Set<String>()
        for instance in instances {
            guard ids.insert(instance.id).inserted else {
                throw malformed("\(place): instance '\(instance.id)' stands there twice; name each instance once")
            }
            guard (1...65_535).contains(instance.port) else {
                throw malformed(
                    "\(place), instance '\(instance.id)': port \(instance.port) is not within 1 to 65535")
            }
            guard !instance.id.isEmpty, !instance.host.isEmpty else {
                throw malformed("\(place): an instance needs both an id and a host")
            }
        }
    }
}

func malformed(_ message: String) -> RouterError { RouterError(.malformedTable, message) }
