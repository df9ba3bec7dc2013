public import DeliveryModel

/// Body of `POST .../traffic/pause` and `POST .../traffic/stop`; all optional.
public struct TrafficHoldRequest: Sendable, Equatable, Codable {
    /// Pause: requests that may wait at once. Default 1,000.
    public var maxRequests: Int?
    /// Pause: longest time that a request waits. Default 30 s.
    public var maxWaitSeconds: Double?
    /// Value of `Retry-After`. Default 5 s.
    public var retryAfterSeconds: Double?
    /// Body of the 503; default: the router's own words.
    public var page: String?
    /// For people: why.
    public var reason: String?

    public init(
        maxRequests: Int? = nil, maxWaitSeconds: Double? = nil, retryAfterSeconds: Double? = nil, page: String? = nil,
        reason: String? = nil
    ) {
        self.maxRequests = maxRequests
        self.maxWaitSeconds = maxWaitSeconds
        self.retryAfterSeconds = retryAfterSeconds
        self.page = page
        self.reason = reason
    }

    /// - Returns: the hold, or what is wrong with the wish, in words for people.
    public func hold(_ mode: TrafficHold.Mode) -> Result<TrafficHold, TrafficHoldMistake> {
        var hold = TrafficHold(mode: mode, page: page ?? "", reason: reason ?? "")
        if let maxRequests {
            guard TrafficBounds.waitingRequests.contains(maxRequests) else {
                return .failure(
                    .init("maxRequests", "\(maxRequests)", "0 to \(TrafficBounds.waitingRequests.upperBound)"))
            }
            hold.maxRequests = maxRequests
        }
        for (name, seconds, range, path) in [
            ("maxWaitSeconds", maxWaitSeconds, TrafficBounds.holdWait, \TrafficHold.maxWait),
            ("retryAfterSeconds", retryAfterSeconds, TrafficBounds.retryAfter, \.retryAfter),
        ] {
            guard let seconds else { continue }
            let limit = range.upperBound.inSeconds
            guard seconds.isFinite, (0...limit).contains(seconds) else {
                return .failure(.init(name, "\(seconds)", "0 to \(Int(limit)) seconds"))
            }
            hold[keyPath: path] = .seconds(seconds)
        }
        guard hold.page.utf8.count <= TrafficBounds.pageBytes else {
            return .failure(
                .init("page", "\(hold.page.utf8.count) bytes", "at most \(TrafficBounds.pageBytes) bytes"))
        }
        guard hold.reason.utf8.count <= Self.reasonBytes else {
            return .failure(.init("reason", "\(hold.reason.utf8.count) bytes", "at most \(Self.reasonBytes) bytes"))
        }
        return .success(hold)
    }

    /// Longest reason.
    public static let reasonBytes = 1_000
}

/// A number of a hold that cannot be.
public struct TrafficHoldMistake: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
    init(_ name: String, _ found: String, _ expected: String) {
        description = "\(name) is \(found); expected \(expected)"
    }
}

/// Answer of `POST .../traffic/pause`, `/stop` and `/resume`, sent when the router follows it.
public struct TrafficHoldResult: Sendable, Equatable, Codable {
    public var service: ServiceName
    /// `false`: it was so already.
    public var changed: Bool
    /// `nil`: requests go on.
    public var hold: TrafficHold?

    public init(service: ServiceName, changed: Bool, hold: TrafficHold?) {
        self.service = service
        self.changed = changed
        self.hold = hold
    }
}
