/// When a green commit goes to production: read from `deploy` of the service file.
public struct DeploySpecification: Sendable, Equatable, Codable {
    /// The branch that deploys by itself.
    public var trunk: String
    /// Whether a green commit of the trunk is deployed without a person.
    public var auto: Bool
    /// Patterns of files, relative to the repository, whose change makes a new release; empty: all of the service
    /// file's directory.
    public var paths: [String]
    /// Who deploys it; the queue is fair among teams. Services without one are a team together.
    public var team: String?
    /// Services of one group share a limit of rollouts at once.
    public var group: String?
    public var supersede: SupersedePolicy
    /// When nothing of it is deployed.
    public var freeze: [FreezeWindow]

    public init(
        trunk: String = "main", auto: Bool = true, paths: [String] = [], team: String? = nil, group: String? = nil,
        supersede: SupersedePolicy = .waiting, freeze: [FreezeWindow] = []
    ) {
        self.trunk = trunk
        self.auto = auto
        self.paths = paths
        self.team = team
        self.group = group
        self.supersede = supersede
        self.freeze = freeze
    }
}

/// What a newer green commit takes the place of.
public enum SupersedePolicy: String, Sendable, Codable, CaseIterable {
    /// Only of one that waits.
    case waiting
    /// Also of the rollout under way, which is aborted for it.
    case running
}

/// A time in which nothing is deployed, by the calendar of a zone.
public struct FreezeWindow: Sendable, Equatable, Codable {
    public var from: FreezeMoment
    /// No longer frozen at this moment. Of the same kind as `from`.
    public var to: FreezeMoment
    /// Name of the IANA time zone database, such as `Europe/Berlin`.
    public var zone: String
    /// Shown to who waits; may be empty.
    public var reason: String

    public init(from: FreezeMoment, to: FreezeMoment, zone: String = "UTC", reason: String = "") {
        self.from = from
        self.to = to
        self.zone = zone
        self.reason = reason
    }
}

/// A moment by the clock on a zone's wall; text form `Fri 16:00` or `2026-12-24 00:00`.
public enum FreezeMoment: Sendable, Equatable {
    /// Every week; weekday 0 is Monday.
    case weekly(weekday: Int, minute: Int)
    /// Once: days since 1970-01-01 and minute of that day.
    case once(day: Int64, minute: Int)
}
