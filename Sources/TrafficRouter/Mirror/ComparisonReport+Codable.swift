import DeliveryModel

/// JSON form: the counts by their names, and `differences` as a list of `part`, `kind`, `path`, `candidate`, `noise`,
/// `isAboveNoise` and `examples`. Read tolerantly: counts that are absent are 0, and places of a part or kind that
/// this version does not know are left out. `isAboveNoise` is calculated anew from the counts.
extension ComparisonReport: Codable {
    private enum Field: String, CodingKey {
        case service, baseline, candidate, mirrored, dropped, failed, compared, bodiesCompared, noiseCompared
        case noiseBodiesCompared, equal, limits, differencesNotKept, differences
    }

    private struct Place: Codable {
        var part: String
        var kind: String
        var path: String
        var candidate: UInt64
        var noise: UInt64
        var isAboveNoise: Bool?
        var examples: [DifferenceExample]?
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Field.self)
        self.init(
            service: try container.decode(ServiceName.self, forKey: .service),
            baseline: try container.decode(ReleaseDigest.self, forKey: .baseline),
            candidate: try container.decode(ReleaseDigest.self, forKey: .candidate))
        func count(_ field: Field) throws -> UInt64 { try container.decodeIfPresent(UInt64.self, forKey: field) ?? 0 }
        func counts(_ field: Field) throws -> [String: UInt64] {
            try container.decodeIfPresent([String: UInt64].self, forKey: field) ?? [:]
        }
        mirrored = try count(.mirrored)
        dropped = try counts(.dropped)
        failed = try counts(.failed)
        compared = try count(.compared)
        bodiesCompared = try count(.bodiesCompared)
        noiseCompared = try count(.noiseCompared)
        noiseBodiesCompared = try count(.noiseBodiesCompared)
        equal = try count(.equal)
        limits = try counts(.limits)
        differencesNotKept = try count(.differencesNotKept)
        for place in try container.decodeIfPresent([Place].self, forKey: .differences) ?? [] {
            guard let part = DifferenceKey.Part(rawValue: place.part),
                let kind = DifferenceKey.Kind(rawValue: place.kind)
            else { continue }
            places[DifferenceKey(part: part, kind: kind, path: place.path)] = PlaceCounts(
                candidate: place.candidate, noise: place.noise, examples: place.examples ?? [])
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Field.self)
        try container.encode(service, forKey: .service)
        try container.encode(baseline, forKey: .baseline)
        try container.encode(candidate, forKey: .candidate)
        try container.encode(mirrored, forKey: .mirrored)
        try container.encode(dropped, forKey: .dropped)
        try container.encode(failed, forKey: .failed)
        try container.encode(compared, forKey: .compared)
        try container.encode(bodiesCompared, forKey: .bodiesCompared)
        try container.encode(noiseCompared, forKey: .noiseCompared)
        try container.encode(noiseBodiesCompared, forKey: .noiseBodiesCompared)
        try container.encode(equal, forKey: .equal)
        try container.encode(limits, forKey: .limits)
        try container.encode(differencesNotKept, forKey: .differencesNotKept)
        let places = differences.map { difference in
            Place(
                part: difference.key.part.rawValue, kind: difference.key.kind.rawValue, path: difference.key.path,
                candidate: difference.candidate, noise: difference.noise, isAboveNoise: difference.isAboveNoise,
                examples: difference.examples)
        }
        try container.encode(places, forKey: .differences)
    }
}
