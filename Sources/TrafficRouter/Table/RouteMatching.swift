import DeliveryModel

/// Finds the service of a request: an exact host before any host, then the longest path prefix at a segment border.
struct RouteMatching: Sendable {
    struct Candidate: Sendable {
        /// Prefix without a slash at its end; empty: any path.
        let prefix: String
        /// Position of the service in the table.
        let service: Int
    }

    private var exact: [String: [Candidate]] = [:]
    private var anyHost: [Candidate] = []

    init(services: [RoutedService]) {
        for (index, service) in services.enumerated() {
            let prefixes = service.paths.isEmpty ? [""] : service.paths.map(Self.withoutTrailingSlashes)
            let candidates = prefixes.map { Candidate(prefix: $0, service: index) }
            if service.hosts.isEmpty {
                anyHost += candidates
            } else {
                for host in service.hosts { exact[host, default: []] += candidates }
            }
        }
        for host in exact.keys { exact[host]?.sort(by: Self.longerFirst) }
        anyHost.sort(by: Self.longerFirst)
    }

    /// - Parameters:
    ///   - host: as `HostName.normalized` gives it.
    ///   - path: the request target up to `?`.
    func service(host: String, path: Substring) -> Int? {
        if let candidates = exact[host], let found = Self.first(in: candidates, path: path) { return found }
        return Self.first(in: anyHost, path: path)
    }

    private static func first(in candidates: [Candidate], path: Substring) -> Int? {
        for candidate in candidates where covers(candidate.prefix, path) { return candidate.service }
        return nil
    }

    private static func covers(_ prefix: String, _ path: Substring) -> Bool {
        if prefix.isEmpty { return true }
        let (prefix, path) = (prefix.utf8, path.utf8)
        guard path.starts(with: prefix) else { return false }
        let rest = path.dropFirst(prefix.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }

    private static func longerFirst(_ left: Candidate, _ right: Candidate) -> Bool {
        let (leftCount, rightCount) = (left.prefix.utf8.count, right.prefix.utf8.count)
        // Table order breaks ties, so that every event loop and every router answers alike.
        return leftCount == rightCount ? left.service < right.service : leftCount > rightCount
    }

    private static func withoutTrailingSlashes(_ path: String) -> String {
        var path = path
        while path.hasSuffix("/") { path.removeLast() }
        return path
    }
}

/// Host names as the table spells them.
enum HostName {
    /// Lower case, without port and without a dot at the end; an IPv6 address keeps its brackets.
    static func normalized(_ authority: Substring) -> String {
        var host = authority
        if host.utf8.first == UInt8(ascii: "["), let end = host.utf8.firstIndex(of: UInt8(ascii: "]")) {
            host = host[...end]
        } else if let colon = host.utf8.lastIndex(of: UInt8(ascii: ":")) {
            host = host[..<colon]
        }
        if host.utf8.last == UInt8(ascii: ".") { host = host.dropLast() }
        let isLower = host.utf8.allSatisfy { !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) && $0 < 0x80 }
        return isLower ? String(host) : host.lowercased()
    }
}
