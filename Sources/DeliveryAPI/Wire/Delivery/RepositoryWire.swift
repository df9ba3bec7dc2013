public import DeliveryModel

/// Body of `POST /api/v1/repositories`: a repository whose commits are built.
public struct RepositoryRequest: Sendable, Equatable, Codable {
    /// 1 to 63 lower-case letters, digits and `-`; stands in URLs and file names.
    public var name: String
    /// Anything that git fetches from: a path, `file:`, `http:`, `https:`, `ssh:` or `git:`.
    public var url: String
    /// Seconds between two looks; 0: only when told. Default 60.
    public var pollSeconds: Double?
    /// Name of the secret that webhooks are signed with; default `<NAME>_WEBHOOK` in capitals, `_` for `-`.
    public var webhookSecret: String?
    public var status: CommitStatusSetting?

    public init(
        name: String, url: String, pollSeconds: Double? = nil, webhookSecret: String? = nil,
        status: CommitStatusSetting? = nil
    ) {
        self.name = name
        self.url = url
        self.pollSeconds = pollSeconds
        self.webhookSecret = webhookSecret
        self.status = status
    }
}

/// Where a commit's status is reported to.
public struct CommitStatusSetting: Sendable, Equatable, Codable {
    public enum Forge: String, Sendable, Codable, CaseIterable {
        case github, gitea
    }

    public var forge: Forge
    /// Of the API: `https://api.github.com`, `https://git.example.com/api/v1`.
    public var url: String
    /// `owner/name` there.
    public var project: String
    /// Name of the secret that holds the token.
    public var tokenSecret: String

    public init(forge: Forge, url: String, project: String, tokenSecret: String) {
        self.forge = forge
        self.url = url
        self.project = project
        self.tokenSecret = tokenSecret
    }
}

/// One repository as the control plane knows it.
public struct RepositoryStatus: Sendable, Equatable, Codable {
    public var name: String
    public var url: String
    public var pollSeconds: Double
    public var webhookSecret: String
    public var status: CommitStatusSetting?
    /// Branch to the commit that was looked at last.
    public var heads: [String: String]
    /// Services found in it.
    public var services: [ServiceName]
    public var lookedAt: Timestamp?
    /// Why the last look failed; `nil` when it did not.
    public var problem: String?

    public init(
        name: String, url: String, pollSeconds: Double, webhookSecret: String, status: CommitStatusSetting?,
        heads: [String: String], services: [ServiceName], lookedAt: Timestamp?, problem: String?
    ) {
        self.name = name
        self.url = url
        self.pollSeconds = pollSeconds
        self.webhookSecret = webhookSecret
        self.status = status
        self.heads = heads
        self.services = services
        self.lookedAt = lookedAt
        self.problem = problem
    }
}

public struct RepositoryList: Sendable, Equatable, Codable {
    public var repositories: [RepositoryStatus]
    public init(repositories: [RepositoryStatus]) { self.repositories = repositories }
}

/// Body of `POST /api/v1/repositories/{repository}/trigger`: something was pushed. A hint: the control plane fetches
/// and finds out by itself.
public struct TriggerRequest: Sendable, Equatable, Codable {
    /// `main` or `refs/heads/main`; `nil`: all branches.
    public var branch: String?
    /// The commit pushed, for the record.
    public var commit: String?
    /// Run again what has been looked at already.
    public var again: Bool?
    /// Seconds to wait for what comes of it, 0 to 60; default 0: answered at once.
    public var waitSeconds: Double?

    public init(branch: String? = nil, commit: String? = nil, again: Bool? = nil, waitSeconds: Double? = nil) {
        self.branch = branch
        self.commit = commit
        self.again = again
        self.waitSeconds = waitSeconds
    }
}

/// Answer to a trigger and to a webhook.
public struct TriggerResult: Sendable, Equatable, Codable {
    public var repository: String
    /// `accepted`; `repeated` for a webhook that was delivered before; `ignored` for one that tells of no push.
    public var outcome: String
    /// Pipeline runs that came of it, as far as it was waited for.
    public var runs: [String]
    public var message: String

    public init(repository: String, outcome: String, runs: [String] = [], message: String) {
        self.repository = repository
        self.outcome = outcome
        self.runs = runs
        self.message = message
    }
}
