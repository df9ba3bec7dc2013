/// What a service file says, with every default filled in. Field names and meaning: `nonevent.yaml` in the product's
/// guide.
public struct ServiceSpecification: Sendable, Equatable, Codable {
    public var service: ServiceName
    public var run: RunSpecification
    public var artifact: ArtifactSpecification
    public var route: RouteSpecification
    public var verify: VerifySpecification
    public var rollout: RolloutSpecification
    public var slo: ObjectiveSpecification
    public var judge: JudgeSpecification
    public var retention: RetentionSpecification
    public var pipeline: PipelineSpecification
    public var deploy: DeploySpecification

    public init(
        service: ServiceName, run: RunSpecification, artifact: ArtifactSpecification = .init(),
        route: RouteSpecification,
        verify: VerifySpecification = .init(), rollout: RolloutSpecification = .init(),
        slo: ObjectiveSpecification = .init(),
        judge: JudgeSpecification = .init(), retention: RetentionSpecification = .init(),
        pipeline: PipelineSpecification = .init(), deploy: DeploySpecification = .init()
    ) {
        self.service = service
        self.run = run
        self.artifact = artifact
        self.route = route
        self.verify = verify
        self.rollout = rollout
        self.slo = slo
        self.judge = judge
        self.retention = retention
        self.pipeline = pipeline
        self.deploy = deploy
    }

    // Specifications stored by earlier versions lack the newer keys.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        service = try values.decode(ServiceName.self, forKey: .service)
        run = try values.decode(RunSpecification.self, forKey: .run)
        artifact = try values.decode(ArtifactSpecification.self, forKey: .artifact)
        route = try values.decode(RouteSpecification.self, forKey: .route)
        verify = try values.decode(VerifySpecification.self, forKey: .verify)
        rollout = try values.decode(RolloutSpecification.self, forKey: .rollout)
        slo = try values.decode(ObjectiveSpecification.self, forKey: .slo)
        judge = try values.decode(JudgeSpecification.self, forKey: .judge)
        retention = try values.decode(RetentionSpecification.self, forKey: .retention)
        pipeline = try values.value(.pipeline, or: .init())
        deploy = try values.value(.deploy, or: .init())
    }
}

/// How one instance is started, known to be ready, and stopped.
public struct RunSpecification: Sendable, Equatable, Codable {
    /// Program and arguments; `$PORT`, `${PORT}` and the other variables an instance gets are filled in. Never empty.
    public var command: [String]
    /// Copies per release, 1 to 100.
    public var instances: Int
    /// More environment variables.
    public var environment: [String: String]
    public var ready: ReadySpecification
    public var stop: StopSpecification

    public init(
        command: [String], instances: Int = 1, environment: [String: String] = [:], ready: ReadySpecification = .init(),
        stop: StopSpecification = .init()
    ) {
        self.command = command
        self.instances = instances
        self.environment = environment
        self.ready = ready
        self.stop = stop
    }
}

public struct ReadySpecification: Sendable, Equatable, Codable {
    /// Absolute path that answers 2xx when the instance can serve.
    public var path: String
    /// How long a start may take before the instance counts as failed.
    @InSeconds public var within: Duration

    public init(path: String = "/healthz", within: Duration = .seconds(20)) {
        self.path = path
        self.within = within
    }
}

public struct StopSpecification: Sendable, Equatable, Codable {
    /// Time between SIGTERM to the process group and SIGKILL.
    @InSeconds public var grace: Duration
    public init(grace: Duration = .seconds(10)) { self.grace = grace }
}

/// Which files make the release, relative to the service file's directory. A directory ends with `/` and stands for all
/// in it.
public struct ArtifactSpecification: Sendable, Equatable, Codable {
    public var include: [String]
    public var config: [String]
    public init(include: [String] = [], config: [String] = []) {
        self.include = include
        self.config = config
    }
}

/// Requests made to every candidate instance in the dark, before any traffic.
public struct VerifySpecification: Sendable, Equatable, Codable {
    public var smoke: [SmokeCheck]
    public init(smoke: [SmokeCheck] = []) { self.smoke = smoke }
}

public struct SmokeCheck: Sendable, Equatable, Codable {
    public var path: String
    public var method: String
    /// The status to expect, 100 to 599.
    public var status: Int
    /// Text the body must contain; empty means any body.
    public var contains: String
    @InSeconds public var within: Duration
    public init(
        path: String, method: String = "GET", status: Int = 200, contains: String = "", within: Duration = .seconds(5)
    ) {
        self.path = path
        self.method = method
        self.status = status
        self.contains = contains
        self.within = within
    }
}

public struct RolloutSpecification: Sendable, Equatable, Codable {
    public var steps: RolloutSteps
    /// Time at each fixed step.
    @InSeconds public var hold: Duration
    /// Time at full share before the rollout is complete; the baseline stays at full size meanwhile.
    @InSeconds public var soak: Duration
    public var undo: UndoSpecification
    public init(
        steps: RolloutSteps = .auto, hold: Duration = .seconds(120), soak: Duration = .seconds(60),
        undo: UndoSpecification = .init()
    ) {
        self.steps = steps
        self.hold = hold
        self.soak = soak
        self.undo = undo
    }
}

public enum RolloutSteps: Sendable, Equatable, Codable {
    /// The judge computes how much traffic comes next.
    case auto
    /// Rising shares, the last one 100 %.
    case fixed([Share])
}

public struct UndoSpecification: Sendable, Equatable, Codable {
    /// How long the previous release stays ready after a rollout ends.
    @InSeconds public var keepWarm: Duration
    public init(keepWarm: Duration = .seconds(3600)) { self.keepWarm = keepWarm }
}

public struct ObjectiveSpecification: Sendable, Equatable, Codable {
    /// Part of requests that must be good, 0 < x < 1.
    public var availability: Double
    /// Quantile name (`p50`, `p90`, `p99`) to its limit in seconds.
    public var latency: [String: Double]
    public init(availability: Double = 0.999, latency: [String: Double] = [:]) {
        self.availability = availability
        self.latency = latency
    }
}

/// How many releases are kept at least; what undo may need is always kept beyond that.
public struct RetentionSpecification: Sendable, Equatable, Codable {
    public var releases: Int
    public init(releases: Int = 10) { self.releases = releases }
}
