public import DeliveryModel

/// What mirroring requests of one release to another has shown.
///
/// Each event loop keeps one per pair of releases and changes it without locks; whoever reads merges them. Counts only
/// rise, but those of places that were let go of (see `differencesNotKept`).
public struct ComparisonReport: Sendable, Equatable {
    /// Places that are kept with their counts.
    public static let maxPlaces = 500
    /// Examples kept of each place.
    public static let maxExamples = 3
    /// Places that one comparison may displace when all are taken; bounds the work.
    static let maxDisplaced = 16
    /// A place counted more often than this is never displaced.
    static let displaceable: UInt64 = 2

    public let service: ServiceName
    /// The release that answers people.
    public let baseline: ReleaseDigest
    public let candidate: ReleaseDigest

    /// Whether the table in force has the mirror.
    public internal(set) var isRunning = false
    /// Requests of which a copy was sent to the candidate.
    public var mirrored: UInt64 = 0
    /// Requests that were to be mirrored and were not, by `MirrorDropReason`.
    public var dropped: [String: UInt64] = [:]
    /// Copies that brought no answer to compare, by `MirrorFailure`.
    public var failed: [String: UInt64] = [:]
    /// Candidate's answers compared, and those of them whose body was.
    public internal(set) var compared: UInt64 = 0
    public internal(set) var bodiesCompared: UInt64 = 0
    /// Second answers of the baseline compared, and those of them whose body was.
    public internal(set) var noiseCompared: UInt64 = 0
    public internal(set) var noiseBodiesCompared: UInt64 = 0
    /// Candidate's answers equal to the baseline's in all that was compared, without a limit reached.
    public internal(set) var equal: UInt64 = 0
    /// Candidate's answers with at least one difference.
    public internal(set) var differing: UInt64 = 0
    /// The candidate's answers by bucket of their time, as in `ReleaseMeasures.latency`.
    public internal(set) var latency: [Int: UInt64] = [:]
    /// Comparisons cut short, by `ComparisonLimit`.
    public internal(set) var limits: [String: UInt64] = [:]
    /// Differences at places that are not kept, because there were more than `maxPlaces`. Not 0 for services that use
    /// identifiers as names of members, say; places seen often are kept nevertheless.
    public internal(set) var differencesNotKept: UInt64 = 0

    var places: [DifferenceKey: PlaceCounts] = [:]
    /// Number of the comparison, for telling old places from new ones.
    var sequence: UInt64 = 0

    struct PlaceCounts: Sendable, Equatable {
        var candidate: UInt64 = 0
        var noise: UInt64 = 0
        var examples: [DifferenceExample] = []
        var lastSeen: UInt64 = 0

        var total: UInt64 { candidate + noise }
    }

    public init(service: ServiceName, baseline: ReleaseDigest, candidate: ReleaseDigest) {
        self.service = service
        self.baseline = baseline
        self.candidate = candidate
    }

    mutating func countDropped(_ reason: MirrorDropReason, _ count: UInt64 = 1) {
        dropped[reason.rawValue, default: 0] += count
    }

    mutating func countAnswered(nanoseconds: Int64) {
        latency[LatencyBuckets.bucket(nanoseconds: nanoseconds), default: 0] += 1
    }

    mutating func countFailed(_ failure: MirrorFailure) { failed[failure.rawValue, default: 0] += 1 }

    mutating func add(_ comparison: AnswerComparison) {
        sequence += 1
        compared += 1
        if comparison.candidate.isBodyCompared { bodiesCompared += 1 }
        if comparison.candidate.isEqual { equal += 1 }
        if !comparison.candidate.differences.isEmpty { differing += 1 }
        var displaced = 0
        add(comparison.candidate, displaced: &displaced) { counts, difference in
            counts.candidate += 1
            if counts.examples.count < Self.maxExamples, !counts.examples.contains(difference.example) {
                counts.examples.append(difference.example)
            }
        }
        guard let noise = comparison.noise else { return }
        noiseCompared += 1
        if noise.isBodyCompared { noiseBodiesCompared += 1 }
        add(noise, displaced: &displaced) { counts, _ in counts.noise += 1 }
    }

    private mutating func add(
        _ found: AnswerDifferences, displaced: inout Int, _ count: (inout PlaceCounts, Difference) -> Void
    ) {
        for limit in found.limits { limits[limit.rawValue, default: 0] += 1 }
        for difference in found.differences {
            guard places[difference.key] != nil || makeRoom(&displaced) else {
                differencesNotKept += 1
                continue
            }
            count(&places[difference.key, default: PlaceCounts()], difference)
            places[difference.key]?.lastSeen = sequence
        }
    }

    /// Lets go of the place seen rarely that was not seen for longest, if all are taken: else the first 500 names of a
    /// map with changing names would hide every later difference.
    private mutating func makeRoom(_ displaced: inout Int) -> Bool {
        guard places.count >= Self.maxPlaces else { return true }
        guard displaced < Self.maxDisplaced else { return false }
        var oldest: (key: DifferenceKey, value: PlaceCounts)?
        for place in places where place.value.total <= Self.displaceable && place.value.lastSeen < sequence {
            guard let found = oldest else {
                oldest = place
                continue
            }
            let (one, two) = (place.value.lastSeen, found.value.lastSeen)
            if one < two || (one == two && place.key < found.key) { oldest = place }
        }
        guard let oldest else { return false }
        displaced += 1
        differencesNotKept += oldest.value.total
        places[oldest.key] = nil
        return true
    }

    func isOfSameReleases(as other: ComparisonReport) -> Bool {
        service == other.service && baseline == other.baseline && candidate == other.candidate
    }

    /// Adds what another event loop found for the same releases. The order of merging does not matter unless there are
    /// more than `maxPlaces` places or more examples than are kept.
    public mutating func merge(_ other: ComparisonReport) {
        precondition(
            isOfSameReleases(as: other), "reports of different releases cannot be merged")
        isRunning = isRunning || other.isRunning
        mirrored += other.mirrored
        dropped.merge(other.dropped, uniquingKeysWith: +)
        failed.merge(other.failed, uniquingKeysWith: +)
        compared += other.compared
        bodiesCompared += other.bodiesCompared
        noiseCompared += other.noiseCompared
        noiseBodiesCompared += other.noiseBodiesCompared
        equal += other.equal
        differing += other.differing
        latency.merge(other.latency, uniquingKeysWith: +)
        limits.merge(other.limits, uniquingKeysWith: +)
        differencesNotKept += other.differencesNotKept
        sequence = max(sequence, other.sequence)
        places.merge(other.places) { one, two in
            var sum = one
            sum.candidate += two.candidate
            sum.noise += two.noise
            sum.lastSeen = max(one.lastSeen, two.lastSeen)
            for example in two.examples where sum.examples.count < Self.maxExamples && !sum.examples.contains(example) {
                sum.examples.append(example)
            }
            return sum
        }
        guard places.count > Self.maxPlaces else { return }
        let sorted = places.sorted { one, two in
            one.value.total == two.value.total ? one.key < two.key : one.value.total > two.value.total
        }
        for place in sorted[Self.maxPlaces...] {
            differencesNotKept += place.value.total
            places[place.key] = nil
        }
    }
}
