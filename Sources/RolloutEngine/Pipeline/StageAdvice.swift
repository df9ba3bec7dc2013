public import DeliveryModel

/// How often a stage failed and how long it took.
public struct StageRecord: Sendable, Equatable, Codable {
    public var stage: String
    /// Attempts that ran to an end; those from the cache are not among them.
    public var runs: Int
    public var failures: Int
    /// Mean of an attempt.
    public var seconds: Double

    public init(stage: String, runs: Int, failures: Int, seconds: Double) {
        self.stage = stage
        self.runs = runs
        self.failures = failures
        self.seconds = seconds
    }

    /// Chance to fail, by Krichevsky and Trofimov's estimate: (failures + 1/2) / (runs + 1), so that one run proves
    /// nothing.
    public var failureRate: Double { (Double(failures) + 0.5) / (Double(runs) + 1) }
}

/// The order of stages with the fastest expected feedback, if one after another runs.
public struct StageAdvice: Sendable, Equatable {
    /// Up to this many stages the best order is searched among all; above, the stage with the most failures an hour
    /// comes first.
    public static let exactStages = 14
    /// Runs of every stage before anything is proposed.
    public static let leastRuns = 5

    /// Names in the order of the file.
    public var now: [String]
    /// Names in the proposed order; the same as `now` when nothing better is known.
    public var proposed: [String]
    /// Seconds until the first failure is known or everything has passed, expected, in either order.
    public var secondsNow: Double
    public var secondsProposed: Double

    /// - Parameter records: by stage; a stage without one makes no proposal possible.
    /// - Returns: `nil` with too few runs of any stage, or fewer than two stages.
    public init?(_ pipeline: PipelineSpecification, _ records: [StageRecord]) {
        let byName = Dictionary(records.map { ($0.stage, $0) }, uniquingKeysWith: { first, _ in first })
        let known = pipeline.stages.compactMap { byName[$0.name] }.filter { $0.runs >= Self.leastRuns }
        guard known.count == pipeline.stages.count, known.count > 1 else { return nil }
        let before = Self.mustPrecede(pipeline)
        let search = StageOrderSearch(records: known, before: before)
        now = known.map(\.stage)
        secondsNow = search.expectedSeconds(Array(known.indices))
        let best = known.count <= Self.exactStages ? search.exact() : search.greedy()
        let seconds = search.expectedSeconds(best)
        let isBetter = seconds < secondsNow * (1 - 1e-9)
        proposed = isBetter ? best.map { known[$0].stage } : now
        secondsProposed = isBetter ? seconds : secondsNow
    }

    /// What cannot be turned round, as sets of places: what the file says by name, and what hands on files to all that
    /// comes after it.
    private static func mustPrecede(_ pipeline: PipelineSpecification) -> [UInt64] {
        let stages = pipeline.stages
        return stages.indices.map { index in
            let stage = stages[index]
            let ancestors = Set(pipeline.ancestors(of: stage.name).map(\.name))
            return stages.indices.reduce(UInt64(0)) { set, other in
                guard other < 64, ancestors.contains(stages[other].name) else { return set }
                let handsOn = !(stages[other].cache?.paths.isEmpty ?? true)
                let isNamed = stage.needsAreWritten && stage.needs.contains(stages[other].name)
                return handsOn || isNamed ? set | 1 << UInt64(other) : set
            }
        }
    }
}

/// Orders of stages, each a place of `records`.
struct StageOrderSearch {
    let records: [StageRecord]
    /// By place, the places that must come before, as bits.
    let before: [UInt64]

    /// Each stage costs its time if none before it has failed.
    func expectedSeconds(_ order: [Int]) -> Double {
        var chance = 1.0
        return order.reduce(0.0) { sum, index in
            defer { chance *= 1 - records[index].failureRate }
            return sum + chance * records[index].seconds
        }
    }

    /// The best of all orders: the least that is left to expect, for each set of stages that are done.
    func exact() -> [Int] {
        let all = UInt64(1) << UInt64(records.count) - 1
        var least = [Double](repeating: 0, count: Int(all) + 1)
        var choice = [Int](repeating: 0, count: Int(all) + 1)
        for done in stride(from: Int(all) - 1, through: 0, by: -1) {
            least[done] = .infinity
            for index in records.indices where isFree(index, UInt64(done)) {
                let rest = least[done | 1 << index]
                let cost = records[index].seconds + (1 - records[index].failureRate) * rest
                if cost < least[done] { (least[done], choice[done]) = (cost, index) }
            }
        }
        var order: [Int] = []
        var done = 0
        while done != Int(all) {
            order.append(choice[done])
            done |= 1 << choice[done]
        }
        return order
    }

    /// Among those that may come next, always the one that finds the most failures a second.
    func greedy() -> [Int] {
        var order: [Int] = []
        var done: UInt64 = 0
        var left = Array(records.indices)
        func yield(_ index: Int) -> Double { records[index].failureRate / max(records[index].seconds, 1e-3) }
        while let next = left.filter({ before[$0] & ~done == 0 }).max(by: { yield($0) < yield($1) }) {
            order.append(next)
            if next < 64 { done |= 1 << UInt64(next) }
            left.removeAll { $0 == next }
        }
        // What is left hangs on itself, which no read pipeline does.
        return order + left
    }

    private func isFree(_ index: Int, _ done: UInt64) -> Bool {
        done & (1 << UInt64(index)) == 0 && before[index] & ~done == 0
    }
}
