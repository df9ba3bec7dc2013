import CanaryJudge
import DeliveryModel
import DeliveryStore
import RolloutEngine

/// Follows what serves between rollouts: how much traffic a service gets, and how clustered its errors are.
struct BaselineWatch {
    /// What a new second weighs in the rate of requests: about the last half minute counts.
    private static let newness = 0.03
    /// Rates are taken this far apart at least.
    private static let rateStep = Duration.seconds(1)

    private var history: DispersionHistory
    private var epoch = ""
    private var seen: [ServiceName: (release: ReleaseDigest, measures: ReleaseMeasures)] = [:]
    private var totals: [ServiceName: (requests: Double, at: Timestamp)] = [:]
    private(set) var rates: [ServiceName: Double] = [:]

    init(history: DispersionHistory = DispersionHistory()) { self.history = history }

    /// - Returns: blocks to be stored.
    mutating func look(
        _ measures: TrafficMeasures, _ states: [ServiceState], at now: Timestamp
    ) -> [DispersionHistory.Block] {
        let isNew = measures.epoch != epoch
        epoch = measures.epoch
        var closed: [DispersionHistory.Block] = []
        var next: [ServiceName: (release: ReleaseDigest, measures: ReleaseMeasures)] = [:]
        for state in states {
            let releases = measures.services[state.service] ?? [:]
            rate(state.service, releases, isNew: isNew, at: now)
            guard let live = state.live else { continue }
            let current = releases[live] ?? ReleaseMeasures()
            next[state.service] = (live, current)
            // Counts before the first look belong to nobody knows when.
            guard !isNew, let before = seen[state.service], before.release == live else { continue }
            closed += history.add(
                service: state.service, release: live, counts: current.instances(since: before.measures), at: now)
        }
        seen = next
        let services = Set(states.map(\.service))
        rates = rates.filter { services.contains($0.key) }
        totals = totals.filter { services.contains($0.key) }
        return closed
    }

    func dispersion(_ service: ServiceName) -> Dispersion.Estimate? { history.estimate(service: service) }

    private mutating func rate(
        _ service: ServiceName, _ releases: [ReleaseDigest: ReleaseMeasures], isNew: Bool, at now: Timestamp
    ) {
        let requests = releases.values.reduce(0.0) { $0 + Double($1.requests) }
        guard !isNew, let before = totals[service], requests >= before.requests else {
            totals[service] = (requests, now)
            return
        }
        guard now - before.at >= Self.rateStep else { return }
        let seconds = (now - before.at).inSeconds
        let fresh = (requests - before.requests) / seconds
        let weight = min(1, Self.newness * seconds)
        rates[service] = rates[service].map { $0 + weight * (fresh - $0) } ?? fresh
        totals[service] = (requests, now)
    }
}

/// Blocks as the database keeps them.
extension DispersionHistory {
    init(_ stored: [BaselineBlock], at now: Timestamp) {
        self.init(stored: stored.compactMap { try? StoredForms.decode(Block.self, $0.line) }, at: now)
    }
}

extension BaselineBlock {
    init(_ block: DispersionHistory.Block) throws {
        self.init(service: block.service.text, start: block.start, line: try StoredForms.json(block))
    }
}
