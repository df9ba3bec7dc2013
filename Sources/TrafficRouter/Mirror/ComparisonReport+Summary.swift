import DeliveryModel

extension ComparisonReport {
    /// As people and other programs read it.
    func summary() -> MirrorReport {
        var summary = MirrorReport(service: service, baseline: baseline, candidate: candidate)
        summary.isRunning = isRunning
        summary.mirrored = mirrored
        summary.dropped = dropped
        summary.failed = failed
        summary.compared = compared
        summary.equal = equal
        summary.differing = differing
        summary.bodiesCompared = bodiesCompared
        summary.noiseCompared = noiseCompared
        summary.noiseBodiesCompared = noiseBodiesCompared
        summary.limits = limits
        summary.differencesNotKept = differencesNotKept
        summary.latency = latency
        summary.differences = differences.map { difference in
            MirrorDifference(
                part: difference.key.part.rawValue, kind: difference.key.kind.rawValue, path: difference.key.path,
                candidate: difference.candidate, noise: difference.noise, isAboveNoise: difference.isAboveNoise,
                examples: difference.examples.map { .init(baseline: $0.baseline, candidate: $0.candidate) })
        }
        return summary
    }
}
