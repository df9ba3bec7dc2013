import DeliveryModel

/// How evidence grew over a replay of any length, thinned so that it stays small.
struct EvidenceCourse {
    struct Point {
        var t: Double
        /// How near each rule is to deciding, by its name.
        var progress: [String: Double]
        var share: Share?
    }

    /// Points kept at most.
    static let mostPoints = 1000

    private var kept: [Point] = []
    private var last: Point?
    /// When the verdict became what it is.
    private(set) var since = 0.0
    private var kind: VerdictKind?
    /// Every how many ticks one is kept, and how many came.
    private var stride = 1
    private var count = 0

    /// In the order of time, with the last tick.
    var points: [Point] {
        guard let last, (count - 1) % stride != 0 else { return kept }
        return kept + [last]
    }

    mutating func add(_ tick: JudgeTick, _ verdict: Verdict) {
        let point = Point(t: tick.t, progress: verdict.evidence.mapValues(\.progress), share: tick.share)
        if count.isMultiple(of: stride) {
            if kept.count == Self.mostPoints - 1 {
                kept = kept.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
                stride *= 2
            }
            if count.isMultiple(of: stride) { kept.append(point) }
        }
        last = point
        if kind != verdict.verdict { (kind, since) = (verdict.verdict, tick.t) }
        count += 1
    }
}
