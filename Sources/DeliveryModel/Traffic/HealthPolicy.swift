/// Which instances get requests. The last one of a release is never left out.
public struct HealthPolicy: Sendable, Equatable, Codable {
    /// Requests of the router's own.
    public var active: ActiveHealth
    /// What people's requests show.
    public var passive: PassiveHealth
    /// Time in which an instance that is new or well again comes to its full part of requests; 0: at once.
    @InSeconds public var slowStart: Duration
    /// With a smaller part of a release's instances well than this, health is ignored: too few would break under the
    /// load of all.
    public var panicBasisPoints: Share

    public init(
        active: ActiveHealth = .init(), passive: PassiveHealth = .init(), slowStart: Duration = .zero,
        panicBasisPoints: Share = Share(clamping: 5_000)
    ) {
        self.active = active
        self.passive = passive
        self.slowStart = slowStart
        self.panicBasisPoints = panicBasisPoints
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        active = try values.value(.active, or: active)
        passive = try values.value(.passive, or: passive)
        slowStart = try values.seconds(.slowStart, or: slowStart)
        panicBasisPoints = try values.value(.panicBasisPoints, or: panicBasisPoints)
    }
}

public struct ActiveHealth: Sendable, Equatable, Codable {
    /// For releases that name none; empty: no check. 2xx is well.
    public var path: String
    @InSeconds public var interval: Duration
    @InSeconds public var timeout: Duration
    /// Each interval is longer or shorter by up to this part, so that checks do not come all at once.
    public var jitterBasisPoints: Share
    /// Good checks in a row after which an instance counts as well again.
    public var healthyAfter: Int
    /// Failed checks in a row after which it counts as ill.
    public var unhealthyAfter: Int

    public init(
        path: String = "", interval: Duration = .seconds(1), timeout: Duration = .seconds(2),
        jitterBasisPoints: Share = Share(clamping: 1_000), healthyAfter: Int = 1, unhealthyAfter: Int = 2
    ) {
        self.path = path
        self.interval = interval
        self.timeout = timeout
        self.jitterBasisPoints = jitterBasisPoints
        self.healthyAfter = healthyAfter
        self.unhealthyAfter = unhealthyAfter
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        path = try values.value(.path, or: path)
        interval = try values.seconds(.interval, or: interval)
        timeout = try values.seconds(.timeout, or: timeout)
        jitterBasisPoints = try values.value(.jitterBasisPoints, or: jitterBasisPoints)
        healthyAfter = try values.value(.healthyAfter, or: healthyAfter)
        unhealthyAfter = try values.value(.unhealthyAfter, or: unhealthyAfter)
    }
}

/// Leaves out instances that fail people's requests: 5xx and no answer at all.
public struct PassiveHealth: Sendable, Equatable, Codable {
    /// Failures in a row after which an instance is left out; 0: never for that.
    public var consecutiveFailures: Int
    /// Part of failures within `window` from which an instance is left out; 0: never for that.
    public var errorShareBasisPoints: Share
    /// Requests within `window` below which the part of failures says nothing.
    public var minimumRequests: Int
    @InSeconds public var window: Duration
    /// How long it is left out the first time; twice as long each time that it fails again soon.
    @InSeconds public var ejectFor: Duration
    @InSeconds public var maxEjectFor: Duration

    /// Never leaves an instance out.
    public static let off = PassiveHealth(consecutiveFailures: 0, errorShareBasisPoints: .none)

    public init(
        consecutiveFailures: Int = 5, errorShareBasisPoints: Share = Share(clamping: 5_000), minimumRequests: Int = 20,
        window: Duration = .seconds(10), ejectFor: Duration = .seconds(10), maxEjectFor: Duration = .seconds(300)
    ) {
        self.consecutiveFailures = consecutiveFailures
        self.errorShareBasisPoints = errorShareBasisPoints
        self.minimumRequests = minimumRequests
        self.window = window
        self.ejectFor = ejectFor
        self.maxEjectFor = maxEjectFor
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        consecutiveFailures = try values.value(.consecutiveFailures, or: consecutiveFailures)
        errorShareBasisPoints = try values.value(.errorShareBasisPoints, or: errorShareBasisPoints)
        minimumRequests = try values.value(.minimumRequests, or: minimumRequests)
        window = try values.seconds(.window, or: window)
        ejectFor = try values.seconds(.ejectFor, or: ejectFor)
        maxEjectFor = try values.seconds(.maxEjectFor, or: maxEjectFor)
    }
}
