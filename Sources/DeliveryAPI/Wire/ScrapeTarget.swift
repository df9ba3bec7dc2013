/// One group of Prometheus' HTTP service discovery
/// (https://prometheus.io/docs/prometheus/latest/http_sd/). `GET /api/v1/prometheus/targets` answers a list of these.
public struct ScrapeTarget: Sendable, Equatable, Codable {
    /// `address:port`.
    public var targets: [String]
    /// `service`, `release` (the whole digest, as `NONEVENT_RELEASE`), `commit` and `instance_id`.
    public var labels: [String: String]

    public init(targets: [String], labels: [String: String]) {
        self.targets = targets
        self.labels = labels
    }
}
