/// A service whose requests do not go on for now.
public struct TrafficHold: Sendable, Equatable, Codable {
    public enum Mode: String, Sendable, Codable, CaseIterable {
        /// Requests wait; those that find no room or wait too long get 503.
        case pause
        /// Every request gets 503 and the page.
        case stop
    }

    public var mode: Mode
    /// Requests that may wait at once, over all event loops.
    public var maxRequests: Int
    /// Longest time that a request waits.
    @InSeconds public var maxWait: Duration
    /// Value of `Retry-After`; whole seconds are sent, rounded up.
    @InSeconds public var retryAfter: Duration
    /// Body of the 503; empty: the router's own words.
    public var page: String
    /// Of the page; empty: `text/html` when it begins with `<`, else `text/plain`, both in UTF-8.
    public var contentType: String
    /// For people: why, by whom, since when.
    public var reason: String
    public var by: String
    public var since: Timestamp?

    public init(
        mode: Mode, maxRequests: Int = 1_000, maxWait: Duration = .seconds(30), retryAfter: Duration = .seconds(5),
        page: String = "", contentType: String = "", reason: String = "", by: String = "", since: Timestamp? = nil
    ) {
        self.mode = mode
        self.maxRequests = maxRequests
        self.maxWait = maxWait
        self.retryAfter = retryAfter
        self.page = page
        self.contentType = contentType
        self.reason = reason
        self.by = by
        self.since = since
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(mode: try values.decode(Mode.self, forKey: .mode))
        maxRequests = try values.value(.maxRequests, or: maxRequests)
        maxWait = try values.seconds(.maxWait, or: maxWait)
        retryAfter = try values.seconds(.retryAfter, or: retryAfter)
        page = try values.value(.page, or: page)
        contentType = try values.value(.contentType, or: contentType)
        reason = try values.value(.reason, or: reason)
        by = try values.value(.by, or: by)
        since = try values.decodeIfPresent(Timestamp.self, forKey: .since)
    }

    /// What `Content-Type` says of the page.
    public var pageType: String {
        if !contentType.isEmpty { return contentType }
        let first = page.utf8.first { $0 > 0x20 }
        return first == UInt8(ascii: "<") ? "text/html; charset=utf-8" : "text/plain; charset=utf-8"
    }
}
