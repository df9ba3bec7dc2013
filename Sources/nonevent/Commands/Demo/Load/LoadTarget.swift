import DeliveryModel

/// Where a load goes.
struct LoadTarget: Sendable, Equatable {
    var host: String
    var port: Int
    var path: String
    /// The `host` header: which service is meant.
    var authority: String

    /// - Parameters:
    ///   - url: `http://host:port/path`; the port is 80 and the path `/` when left out.
    ///   - authority: the `host` header to send instead of the URL's own.
    /// - Returns: `nil` for anything else.
    init?(_ url: String, authority: String? = nil) {
        guard url.hasPrefix("http://") else { return nil }
        let rest = url.dropFirst(7)
        let place = rest.prefix { $0 != "/" }
        let parts = place.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { return nil }
        guard let port = parts.count == 2 ? Int(parts[1]) : 80, (1...65_535).contains(port) else { return nil }
        host = String(name)
        self.port = port
        path = place.count == rest.count ? "/" : String(rest.dropFirst(place.count))
        self.authority = authority ?? String(place)
    }
}
