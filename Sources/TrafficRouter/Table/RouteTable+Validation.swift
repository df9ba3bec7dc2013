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
        var digests = Set<ReleaseDigest>()
        var total = 0
        for release in releases {
            guard digests.insert(release.digest).inserted else {
                throw malformed("service '\(name)': release \(release.digest.short) stands there twice")
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
        guard healthPath.isEmpty || healthPath.hasPrefix("/") else {
            throw malformed("\(place): health path '\(healthPath)' must start with '/' or be empty")
        }
        guard !healthPath.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw malformed("\(place): health path '\(healthPath)' must not contain spaces or control characters")
        }
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

private func malformed(_ message: String) -> RouterError { RouterError(.malformedTable, message) }
