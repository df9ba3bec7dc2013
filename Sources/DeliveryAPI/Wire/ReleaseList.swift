public import DeliveryModel

/// Answer of `GET /api/v1/services/{service}/releases`, newest first.
public struct ReleaseList: Sendable, Equatable, Codable {
    public var releases: [ReleaseStatus]
    public init(releases: [ReleaseStatus]) { self.releases = releases }
}
