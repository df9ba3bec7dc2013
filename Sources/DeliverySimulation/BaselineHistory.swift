public import CanaryJudge

/// How much of the baseline's past the judge knows before a rollout.
public enum HistoryLength: String, Sendable, CaseIterable {
    case none, hour, day

    public var seconds: Double {
        switch self {
        case .none: 0
        case .hour: 3600
        case .day: 86_400
        }
    }
}

/// The baseline's errors before the rollout, by instance and block of 5 minutes, with the same noise.
public enum BaselineHistory {
    public static let blockSeconds = 300.0

    /// - Returns: what ``Dispersion`` estimates from it; `nil` without history, and when nothing failed.
    public static func dispersion(
        _ world: TrafficWorld, _ length: HistoryLength, seed: UInt64, index: Int
    ) -> Dispersion.Estimate? {
        guard length != .none else { return nil }
        return Dispersion.estimate(
            blocks: blocks(world, length, seed: seed, index: index), blockSeconds: blockSeconds)
    }

    /// One dictionary of instances for each block.
    public static func blocks(
        _ world: TrafficWorld, _ length: HistoryLength, seed: UInt64, index: Int
    ) -> [[String: Dispersion.Cell]] {
        var random = SplitMix64(seed: seed, index: index, stream: RandomStream.history.rawValue)
        var fates = TrafficStream.baselineFates(world, seed: seed, index: index)
        for index in fates.indices {
            fates[index].bursts = InstanceFate.bursts(from: 0, to: length.seconds, in: world, &random)
        }
        var shared = SharedFate()
        if world.noise == .diurnal {
            shared = SharedFate(phase: random.unit(), incident: random.unit() * length.seconds)
        }
        let names = fates.indices.map { "i\($0)" }
        return (0..<Int(length.seconds / blockSeconds)).map { block in
            let from = Double(block) * blockSeconds
            return cells(world, from: from, fates, names, shared, &random)
        }
    }

    private static func cells(
        _ world: TrafficWorld, from: Double, _ fates: [InstanceFate], _ names: [String], _ shared: SharedFate,
        _ random: inout SplitMix64
    ) -> [String: Dispersion.Cell] {
        let to = from + blockSeconds
        let requests = world.requestsPerSecond * shared.swing(at: from) * blockSeconds / Double(fates.count)
        let rate = world.errorRate * shared.errorFactor(from: from, to: to)
        var bad: [Double] = []
        var served: [Double] = []
        for fate in fates {
            let expected = requests * rate * fate.errorFactor(from: from, to: to, noise: world.noise)
            bad.append(world.noise.cluster * random.poisson(expected / world.noise.cluster))
            served.append(random.poisson(requests))
        }
        let (allBad, allServed) = (bad.reduce(0, +), max(1, served.reduce(0, +)))
        var cells: [String: Dispersion.Cell] = [:]
        for (index, name) in names.enumerated() {
            cells[name] = Dispersion.Cell(bad: bad[index], expected: allBad * served[index] / allServed)
        }
        return cells
    }
}
