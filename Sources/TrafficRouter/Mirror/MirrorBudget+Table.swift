import DeliveryModel

/// What the route table says about mirroring, in the forms that are used here.
extension MirrorLimits {
    init(_ mirror: TrafficMirror) {
        self.init()
        maxQueued = mirror.maxQueued
        maxBodyBytes = UInt64(max(0, mirror.maxBodyBytes))
    }
}

extension MirrorBudget {
    /// - Parameter seed: different for every event loop.
    init(_ mirror: TrafficMirror, seed: UInt64) {
        self.init(
            share: mirror.shareBasisPoints, methods: mirror.methods, limits: MirrorLimits(mirror), seed: seed)
    }

    /// Which of the mirrored requests the baseline gets once more: ask its `decide` about those that are mirrored.
    static func noise(_ mirror: TrafficMirror, _ comparison: MirrorComparison, seed: UInt64) -> MirrorBudget {
        MirrorBudget(
            share: comparison.noiseShareBasisPoints, methods: mirror.methods, limits: MirrorLimits(mirror), seed: ~seed)
    }
}

extension ComparisonOptions {
    /// Patterns that are no JSON pointers, which no table that was accepted has, are passed over.
    init(_ comparison: MirrorComparison) {
        self.init()
        comparesStatus = comparison.status
        headers = comparison.headers.map { $0.lowercased() }
        comparesBodies = comparison.json
        ignored = comparison.ignore.compactMap { JSONPathPattern($0) }
        maxBodyBytes = comparison.maxBodyBytes
    }
}
