public import DeliveryModel

/// One line of `GET /api/v1/services/{service}/logs?release=R&tail=N&follow=true`, sent as JSON lines.
public struct LogItem: Sendable, Equatable, Codable {
    public var instance: String
    public var release: ReleaseDigest
    /// The line as written, with the time in front.
    public var line: String
    public init(instance: String, release: ReleaseDigest, line: String) {
        self.instance = instance
        self.release = release
        self.line = line
    }
}
