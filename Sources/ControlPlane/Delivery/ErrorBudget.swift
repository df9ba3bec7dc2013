import DeliveryModel
import DeliveryStore
import RolloutEngine

/// How much of what `slo.availability` allows has been used up in the last 28 days, by service.
struct ErrorBudget: Sendable {
    /// Fewer requests than these say nothing yet: at 99.9 % they allow a hundred bad ones.
    static let leastRequests: Int64 = 100_000

    struct Count: Sendable, Equatable {
        var requests: Int64 = 0
        var bad: Int64 = 0
    }

    private var hours: [ServiceName: [Int64: Count]] = [:]
    /// Counts of the router when they were looked at last, and its epoch.
    private var seen: [ServiceName: [ReleaseDigest: Count]] = [:]
    private var epoch: String?

    mutating func restore(_ stored: [BudgetHour]) {
        for hour in stored {
            guard let service = ServiceName(hour.service) else { continue }
            hours[service, default: [:]][hour.hour] = Count(requests: hour.requests, bad: hour.bad)
        }
    }

    /// Takes in what the router has counted since the last time.
    /// - Returns: the hours that changed, to be stored.
    mutating func take(_ measures: TrafficMeasures, at now: Timestamp) -> [BudgetHour] {
        let hour = Self.hour(now)
        let isSame = measures.epoch == epoch
        var changed: [BudgetHour] = []
        var counts: [ServiceName: [ReleaseDigest: Count]] = [:]
        for (service, releases) in measures.services {
            var added = Count()
            for (release, measured) in releases {
                let count = Count(requests: Int64(clamping: measured.requests), bad: Int64(clamping: measured.bad))
                counts[service, default: [:]][release] = count
                // What was counted before this control plane looked is not known to be new.
                guard isSame else { continue }
                let before = seen[service]?[release] ?? Count()
                added.requests += max(0, count.requests - before.requests)
                added.bad += max(0, count.bad - before.bad)
            }
            guard added.requests > 0 else { continue }
            var total = hours[service]?[hour] ?? Count()
            total.requests += added.requests
            total.bad += added.bad
            hours[service, default: [:]][hour] = total
            hours[service] = hours[service]?.filter { $0.key > hour - DatabaseLimits.budgetHours }
            changed.append(
                BudgetHour(service: service.text, hour: hour, requests: total.requests, bad: total.bad))
        }
        seen = counts
        epoch = measures.epoch
        return changed
    }

    /// More bad answers than the objective of what is live allows.
    func isSpent(_ state: ServiceState, at now: Timestamp) -> Bool {
        guard let live = state.live, let objective = state.releases[live]?.specification.slo.availability,
            let counts = hours[state.service]
        else { return false }
        let first = Self.hour(now) - DatabaseLimits.budgetHours
        let recent = counts.filter { $0.key > first }.values
        let (requests, bad) = recent.reduce((Int64(0), Int64(0))) { ($0.0 + $1.requests, $0.1 + $1.bad) }
        return requests >= Self.leastRequests && Double(bad) > (1 - objective) * Double(requests)
    }

    private static func hour(_ time: Timestamp) -> Int64 { time.microseconds / 3_600_000_000 }
}

extension DeliveryDesk {
    /// What services answered; says in the journal when a budget is spent, or is there again.
    func count(_ measures: TrafficMeasures) async throws {
        let now = await reconciler.now()
        let changed = budget.take(measures, at: now)
        let states = await reconciler.allStates()
        let spent = Set(states.filter { budget.isSpent($0, at: now) }.map(\.service))
        var drafts: [DeliveryStore.JournalDraft] = []
        for service in spent.symmetricDifference(budgetSpent).sorted() {
            let isSpent = spent.contains(service)
            drafts.append(
                try draft(
                    isSpent ? "budget.spent" : "budget.restored", service, at: now,
                    DeliveryNoteData(
                        why: isSpent
                            ? "more bad answers in 28 days than slo.availability allows: only fixes are deployed"
                            : "deploys go on")))
        }
        guard !changed.isEmpty || !drafts.isEmpty else { return }
        try await write(drafts, PipelineRecords(budget: changed))
        budgetSpent = spent
        if !drafts.isEmpty { wake.yield() }
    }
}
