import DeliveryModel

extension RescuePolicy {
    func validate(at check: FieldCheck) throws(RouterError) {
        try check.methods(methods, "rescue.methods")
        try check.time(deadline, "rescue.deadline", TrafficBounds.rescueDeadline)
        try check.number(maxBodyBytes, "rescue.maxBodyBytes", TrafficBounds.keptBodyBytes)
        try check.number(minimumPerSecond, "rescue.minimumPerSecond", TrafficBounds.rescuesPerSecond)
    }
}

extension TrafficHold {
    func validate(at check: FieldCheck) throws(RouterError) {
        try check.number(maxRequests, "hold.maxRequests", TrafficBounds.waitingRequests)
        try check.time(maxWait, "hold.maxWait", TrafficBounds.holdWait)
        try check.time(retryAfter, "hold.retryAfter", TrafficBounds.retryAfter)
        guard page.utf8.count <= TrafficBounds.pageBytes else {
            throw malformed(
                "\(check.place): hold.page has \(page.utf8.count) bytes; at most \(TrafficBounds.pageBytes) are allowed"
            )
        }
        // It becomes a header: a line break in it would become another one.
        try check.text(
            contentType, "hold.contentType",
            { $0.utf8.count <= 255 && $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } },
            "a media type of at most 255 printable ASCII characters, such as text/html; charset=utf-8")
    }
}

extension HealthPolicy {
    func validate(at check: FieldCheck) throws(RouterError) {
        try FieldCheck.healthPath(active.path, at: check.place, field: "health.active.path")
        try check.time(active.interval, "health.active.interval", TrafficBounds.checkInterval)
        try check.time(active.timeout, "health.active.timeout", TrafficBounds.checkTimeout)
        try check.number(active.healthyAfter, "health.active.healthyAfter", TrafficBounds.checksInARow)
        try check.number(active.unhealthyAfter, "health.active.unhealthyAfter", TrafficBounds.checksInARow)
        try check.number(
            passive.consecutiveFailures, "health.passive.consecutiveFailures", TrafficBounds.failuresInARow)
        try check.number(passive.minimumRequests, "health.passive.minimumRequests", TrafficBounds.minimumRequests)
        try check.time(passive.window, "health.passive.window", TrafficBounds.ejection)
        try check.time(passive.ejectFor, "health.passive.ejectFor", TrafficBounds.ejection)
        try check.time(passive.maxEjectFor, "health.passive.maxEjectFor", TrafficBounds.ejection)
        guard passive.ejectFor <= passive.maxEjectFor else {
            throw malformed(
                "\(check.place): health.passive.ejectFor is \(passive.ejectFor.inSeconds) s, longer than maxEjectFor, "
                    + "\(passive.maxEjectFor.inSeconds) s")
        }
        try check.time(slowStart, "health.slowStart", TrafficBounds.slowStart)
    }
}

extension TrafficMirror {
    func validate(at check: FieldCheck, releases: [RoutedRelease]) throws(RouterError) {
        guard let target = releases.first(where: { $0.digest == to }) else {
            throw malformed("\(check.place): mirror.to \(to.short) is none of the service's releases in this table")
        }
        guard target.shareBasisPoints == .none else {
            throw malformed(
                "\(check.place): mirror.to \(to.short) has \(target.shareBasisPoints.basisPoints) basis points of "
                    + "traffic; mirror to a release with share 0")
        }
        try check.methods(methods, "mirror.methods")
        try check.number(maxBodyBytes, "mirror.maxBodyBytes", TrafficBounds.keptBodyBytes)
        try check.number(maxQueued, "mirror.maxQueued", TrafficBounds.mirrorQueue)
        guard let compare else { return }
        try check.count(compare.headers.count, "mirror.compare.headers", 0...TrafficBounds.comparedFields)
        for (index, header) in compare.headers.enumerated() {
            try check.text(header, "mirror.compare.headers[\(index)]", RouteText.isToken, "the name of a header")
        }
        try check.count(compare.ignore.count, "mirror.compare.ignore", 0...TrafficBounds.comparedFields)
        for (index, pointer) in compare.ignore.enumerated() {
            try check.text(
                pointer, "mirror.compare.ignore[\(index)]", RouteText.isJSONPointer,
                "a JSON pointer, such as /items/0/price")
        }
        try check.number(compare.maxBodyBytes, "mirror.compare.maxBodyBytes", TrafficBounds.comparedBytes)
    }
}

extension TrafficLimits {
    func validate() throws(RouterError) {
        let check = FieldCheck(place: "limits")
        for limit in counts { if let value = limit.value { try check.number(value, limit.name, limit.range) } }
        for limit in times { if let value = limit.value { try check.time(value, limit.name, limit.range) } }
        guard let head = maxHeadBytes else { return }
        for (name, value) in [("maxTargetBytes", maxTargetBytes), ("maxFieldBytes", maxFieldBytes)] {
            guard let value, value > head else { continue }
            throw malformed("limits: \(name) is \(value), more than maxHeadBytes, \(head), of which it is a part")
        }
    }
}

extension RoutedCertificate {
    static func validate(_ certificates: [RoutedCertificate]) throws(RouterError) {
        guard certificates.count <= TrafficBounds.certificates else {
            throw malformed("certificates has \(certificates.count) entries; at most \(TrafficBounds.certificates)")
        }
        var hosts: [String: Int] = [:]
        for (index, certificate) in certificates.enumerated() {
            let check = FieldCheck(place: "certificates[\(index)]")
            try check.text(certificate.chain, "chain", RouteText.isFile, "an absolute path")
            try check.text(certificate.key, "key", RouteText.isFile, "an absolute path")
            for host in certificate.hosts {
                try check.text(
                    host, "host", { RouteText.isHost($0, wildcard: true) },
                    "a host name in lower case, or '*.' and a host name")
            }
            // Without hosts it is the one for clients whose name fits no other; there can be one of these, too.
            for host in certificate.hosts.isEmpty ? [""] : certificate.hosts {
                guard let other = hosts.updateValue(index, forKey: host) else { continue }
                throw malformed(
                    host.isEmpty
                        ? "\(check.place): without hosts, as certificates[\(other)]; one may be for all other names"
                        : "\(check.place): host '\(host)' stands in certificates[\(other)] already; name each host once"
                )
            }
        }
    }
}
