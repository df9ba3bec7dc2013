/// What the mirrors of one router have shown since it started, over all its event loops: the answer of `GET /mirrors`.
public struct MirrorReports: Sendable, Equatable, Codable {
    /// As in `TrafficMeasures`: counts of different epochs cannot be subtracted.
    public var epoch: String
    /// Those at work, and the last ones that have ended; by service, baseline and candidate.
    public var mirrors: [MirrorReport]

    public init(epoch: String, mirrors: [MirrorReport] = []) {
        self.epoch = epoch
        self.mirrors = mirrors
    }
}

/// What copies of a baseline's requests have shown of another release.
///
/// Read tolerantly: counts that are absent are 0, and names that this version does not know stay as they are.
public struct MirrorReport: Sendable, Equatable, Codable {
    public var service: ServiceName
    /// The release that answered people.
    public var baseline: ReleaseDigest
    /// The release that got the copies.
    public var candidate: ReleaseDigest
    /// Whether the table in force still has the mirror.
    public var isRunning = false
    /// Copies sent.
    public var mirrored: UInt64 = 0
    /// Requests chosen to be mirrored and not sent, by reason.
    public var dropped: [String: UInt64] = [:]
    /// Copies that brought no answer, by reason.
    public var failed: [String: UInt64] = [:]
    /// Answers compared; of these, equal in all that was compared, or different somewhere. What is neither reached a
    /// limit and showed no difference up to there.
    public var compared: UInt64 = 0
    public var equal: UInt64 = 0
    public var differing: UInt64 = 0
    /// Answers of which the body was compared.
    public var bodiesCompared: UInt64 = 0
    /// Second answers of the baseline that were compared with its first ones, and those with their bodies.
    public var noiseCompared: UInt64 = 0
    public var noiseBodiesCompared: UInt64 = 0
    /// Comparisons cut short, by the limit reached.
    public var limits: [String: UInt64] = [:]
    /// Differences at places that are not in the list, because there were too many places.
    public var differencesNotKept: UInt64 = 0
    /// Answered copies by bucket of their time, as in `ReleaseMeasures.latency`.
    public var latency: [Int: UInt64] = [:]
    /// Those above the noise first.
    public var differences: [MirrorDifference] = []

    public init(service: ServiceName, baseline: ReleaseDigest, candidate: ReleaseDigest) {
        self.service = service
        self.baseline = baseline
        self.candidate = candidate
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            service: try values.decode(ServiceName.self, forKey: .service),
            baseline: try values.decode(ReleaseDigest.self, forKey: .baseline),
            candidate: try values.decode(ReleaseDigest.self, forKey: .candidate))
        isRunning = try values.value(.isRunning, or: false)
        mirrored = try values.value(.mirrored, or: 0)
        dropped = try values.value(.dropped, or: [:])
        failed = try values.value(.failed, or: [:])
        compared = try values.value(.compared, or: 0)
        equal = try values.value(.equal, or: 0)
        differing = try values.value(.differing, or: 0)
        bodiesCompared = try values.value(.bodiesCompared, or: 0)
        noiseCompared = try values.value(.noiseCompared, or: 0)
        noiseBodiesCompared = try values.value(.noiseBodiesCompared, or: 0)
        limits = try values.value(.limits, or: [:])
        differencesNotKept = try values.value(.differencesNotKept, or: 0)
        latency = try values.value(.latency, or: [:])
        differences = try values.value(.differences, or: [])
    }

    /// Whether the candidate differs anywhere more often than the baseline does from itself.
    public var isDifferent: Bool { differences.contains(where: \.isAboveNoise) }
}

/// One place at which answers differed.
public struct MirrorDifference: Sendable, Equatable, Codable {
    /// `status`, `header`, `json` or `bytes`.
    public var part: String
    /// `missing`, `extra`, `type`, `value`, `order` or `length`.
    public var kind: String
    /// A header's name, or a JSON pointer with `*` for every index; empty for the other parts.
    public var path: String
    /// Candidate's answers that differ from the baseline's here.
    public var candidate: UInt64
    /// Second answers of the baseline that differ from its first here.
    public var noise: UInt64
    /// Whether the candidate differs here more often than the baseline does from itself: only then is it worth a
    /// person's attention.
    public var isAboveNoise: Bool
    /// The first values seen, shortened.
    public var examples: [Example]

    /// The two values of a difference; `nil` where there is none.
    public struct Example: Sendable, Equatable, Codable {
        public var baseline: String?
        public var candidate: String?

        public init(baseline: String?, candidate: String?) {
            self.baseline = baseline
            self.candidate = candidate
        }
    }

    public init(
        part: String, kind: String, path: String, candidate: UInt64, noise: UInt64, isAboveNoise: Bool,
        examples: [Example] = []
    ) {
        self.part = part
        self.kind = kind
        self.path = path
        self.candidate = candidate
        self.noise = noise
        self.isAboveNoise = isAboveNoise
        self.examples = examples
    }
}
