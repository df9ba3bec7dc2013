/// One place at which answers differed, as it is reported.
public struct ReportedDifference: Sendable, Equatable {
    public let key: DifferenceKey
    /// Candidate's answers that differ from the baseline's here.
    public let candidate: UInt64
    /// Second answers of the baseline that differ from its first here.
    public let noise: UInt64
    /// Whether the candidate differs here more often than the baseline does from itself, by `NoiseTest`. Only then is
    /// the place worth a person's attention.
    public let isAboveNoise: Bool
    /// At most `ComparisonReport.maxExamples`, the first seen.
    public let examples: [DifferenceExample]
}

extension ComparisonReport {
    /// All places that are kept: those above their noise first, then by part, path and kind.
    public var differences: [ReportedDifference] {
        let reported = places.map { key, counts in
            ReportedDifference(
                key: key, candidate: counts.candidate, noise: counts.noise, isAboveNoise: isAboveNoise(key, counts),
                examples: counts.examples)
        }
        return reported.sorted { one, two in
            one.isAboveNoise == two.isAboveNoise ? one.key < two.key : one.isAboveNoise
        }
    }

    /// Whether anything is above its noise.
    public var isDifferent: Bool { places.contains { isAboveNoise($0.key, $0.value) } }

    private func isAboveNoise(_ key: DifferenceKey, _ counts: PlaceCounts) -> Bool {
        let isBody = key.part == .json || key.part == .bytes
        return NoiseTest.isAbove(
            differences: counts.candidate, of: isBody ? bodiesCompared : compared,
            noise: counts.noise, of: isBody ? noiseBodiesCompared : noiseCompared)
    }
}
