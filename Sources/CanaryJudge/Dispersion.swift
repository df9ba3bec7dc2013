/// How clustered bad events are: the factor by which their counts vary more than independent events would.
///
/// Without it the judge would undo nearly every healthy release of a service whose errors come in bursts.
public enum Dispersion {
    /// Used when there is no history at all.
    public static let withoutHistory = 4.0
    /// What a short history, or one of few instances, is multiplied by.
    public static let caution = 1.5
    public static let enoughHistorySeconds = 86_400.0
    public static let enoughInstances = 4
    /// Larger estimates are cut: beyond it no rule could ever decide.
    public static let largest = 1_000.0

    /// One instance of the baseline in one block of time (5 minutes).
    public struct Cell: Sendable, Equatable, Codable {
        public var bad: Double
        /// The instance's share of the block's bad events, by its share of requests.
        public var expected: Double
        public init(bad: Double, expected: Double) {
            self.bad = bad
            self.expected = expected
        }
    }

    /// A measured dispersion and what it was measured from.
    public struct Estimate: Sendable, Equatable, Codable {
        public var phi: Double
        public var historySeconds: Double
        public var instances: Int
        public init(phi: Double, historySeconds: Double, instances: Int) {
            self.phi = phi
            self.historySeconds = historySeconds
            self.instances = instances
        }

        /// Long enough, and of enough instances, to be taken as it is.
        public var isEnough: Bool {
            historySeconds >= Dispersion.enoughHistorySeconds && instances >= Dispersion.enoughInstances
        }

        /// What the judge uses: the estimate, made larger where it rests on little.
        public var cautious: Double {
            guard phi.isFinite else { return Dispersion.withoutHistory }
            return min(Dispersion.largest, max(1, phi) * (isEnough ? 1 : Dispersion.caution))
        }
    }

    /// Pearson's statistic over its degrees of freedom: `max(1, sum (x - e)^2 / e / ((P - 1) * blocks))`.
    ///
    /// - Parameters:
    ///   - blocks: one dictionary of instances for each block of time.
    ///   - blockSeconds: length of a block.
    /// - Returns: `nil` when no block has bad events on two instances' watch, so that nothing can be compared.
    public static func estimate(blocks: [[String: Cell]], blockSeconds: Double = 300) -> Estimate? {
        var sum = 0.0
        var freedom = 0.0
        var instances: Set<String> = []
        for block in blocks {
            instances.formUnion(block.keys)
            let cells = block.values.filter { $0.expected > 0 && $0.expected.isFinite && $0.bad.isFinite }
            guard cells.count > 1 else { continue }
            sum += cells.reduce(0) { $0 + ($1.bad - $1.expected) * ($1.bad - $1.expected) / $1.expected }
            freedom += Double(cells.count - 1)
        }
        guard freedom > 0 else { return nil }
        return Estimate(
            phi: max(1, sum / freedom), historySeconds: Double(blocks.count) * blockSeconds, instances: instances.count)
    }
}
