import DeliverySimulation

/// Everything that one run of the benchmark saw.
struct Measurements: Sendable {
    var options: Options
    /// Healthy, an hour at 10 %, by kind of noise.
    var healthyHour: [NoiseKind: Tally] = [:]
    /// Healthy, evidence ramp.
    var healthyRamp: [NoiseKind: Tally] = [:]
    /// +1 pp, evidence ramp.
    var onePointRamp: [NoiseKind: Tally] = [:]
    /// By defect, 10 %, independent errors.
    var defects: [Defect: Tally] = [:]
    /// By defect, evidence ramp, independent errors.
    var defectRamps: [Defect: Tally] = [:]
    /// By defect, as the peers see them.
    var series: [Defect: [MetricSeries]] = [:]
    var searches = PeerSearches(kinds: NoiseKind.allCases.count)
    var contenders: [Contender] = []
    var variants: [Variant] = []
    /// With ticks of 1 s.
    var shortTicks: [(label: String, tally: Tally)] = []
    var cost = TickCost()
    var seconds = 0.0

    /// A change of the judge's knowledge or of the world, with what it does to some kinds of noise.
    struct Variant: Sendable {
        var label: String
        var tallies: [NoiseKind: Tally]
    }
}
