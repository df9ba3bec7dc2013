public import DeliveryModel

/// Body of `POST /api/v1/services/{service}/deploys`: the release's blobs have been put before.
public struct DeployRequest: Sendable, Equatable, Codable {
    public var release: ReleaseDigest
    /// Mends what is broken: goes before others, and goes out although the error budget is spent. Default: no.
    public var fix: Bool?
    /// The branch that the commit is of, when it is not the trunk.
    public var branch: String?

    public init(release: ReleaseDigest, fix: Bool? = nil, branch: String? = nil) {
        self.release = release
        self.fix = fix
        self.branch = branch
    }
}

/// Answer to a deploy: where the release is now.
public struct DeployAccepted: Sendable, Equatable, Codable {
    public enum Outcome: String, Sendable, Codable {
        /// Its rollout has begun.
        case started
        /// It waits: for the running rollout to end, or for what ``waitsFor`` says.
        case queued
        /// It serves already: nothing to do.
        case live
    }

    public var service: ServiceName
    public var release: ReleaseDigest
    public var commit: String
    public var outcome: Outcome
    /// The rollout to follow; empty when nothing was to do.
    public var rollout: String
    /// The waiting release that this one replaced in the queue.
    public var superseded: ReleaseDigest?
    /// What a queued deploy waits for, in sentences.
    public var waitsFor: [String]?
    /// When it was accepted: a rollout that ended before is another one.
    public var since: Timestamp?

    public init(
        service: ServiceName, release: ReleaseDigest, commit: String, outcome: Outcome, rollout: String,
        superseded: ReleaseDigest? = nil, waitsFor: [String]? = nil, since: Timestamp? = nil
    ) {
        self.service = service
        self.release = release
        self.commit = commit
        self.outcome = outcome
        self.rollout = rollout
        self.superseded = superseded
        self.waitsFor = waitsFor
        self.since = since
    }
}
