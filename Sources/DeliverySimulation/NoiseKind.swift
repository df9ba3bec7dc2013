/// What healthy services do that a judge must not take for a bad release.
public enum NoiseKind: String, Sendable, CaseIterable {
    /// Errors independent of each other.
    case independent
    /// Errors come six at once.
    case clusters
    /// One instance, the candidate's or any other, fails ten times as often for 20 s; each has such a burst every hour.
    case shortBursts
    /// The same for 120 s.
    case longBursts
    /// Each instance fails at its own rate for ever: a standard deviation of 15 % between instances.
    case instanceBias
    /// Requests and errors swing over the day; once, for 3 minutes, everything fails ten times as often.
    case diurnal
    /// One request a second in all.
    case sparse
    /// The candidate starts cold: three times as slow, back to normal within 60 s, twice the errors for 10 s.
    case startup

    public static let clusterSize = 6.0
    public static let burstFactor = 10.0
    public static let biasDeviation = 0.15
    public static let swing = 0.5
    public static let incidentFactor = 10.0
    public static let incidentSeconds = 180.0
    public static let warmUpSeconds = 60.0
    static let daySeconds = 86_400.0
    static let startupSlowness = 3.0
    static let startupErrorSeconds = 10.0
    static let startupErrorFactor = 2.0

    /// For tables.
    public var label: String {
        switch self {
        case .independent: "independent errors"
        case .clusters: "clusters of 6"
        case .shortBursts: "bursts of 20 s x10 on one instance"
        case .longBursts: "bursts of 120 s x10 on one instance"
        case .instanceBias: "instance bias 15 %"
        case .diurnal: "diurnal swing with a shared incident x10"
        case .sparse: "1 request/s"
        case .startup: "startup spike"
        }
    }

    /// Length of a burst; `nil` without bursts.
    public var burstSeconds: Double? {
        switch self {
        case .shortBursts: 20
        case .longBursts: 120
        default: nil
        }
    }

    /// Errors that come at once.
    public var cluster: Double { self == .clusters ? Self.clusterSize : 1 }
}
