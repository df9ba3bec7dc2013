import DeliveryModel

/// Undo when a metric that the operator wants judged cannot be had: flying blind is no reason to go on.
struct FailureRule: JudgeRule, Equatable {
    /// Questions in a row without an answer.
    static let limit = 5

    struct Failing: Sendable, Equatable, Codable {
        var metric: String
        var why: String
        var count: Int
    }

    private var inARow: [String: Int] = [:]
    /// The metric that has failed the longest, and its last error.
    private(set) var worst: Failing?

    mutating func observe(_ observation: Observation) {
        if observation.failures.isEmpty, inARow.isEmpty { return }
        for name in observation.business.keys { inARow[name] = nil }
        for name in observation.gauges.keys { inARow[name] = nil }
        for name in observation.failures.keys { inARow[name, default: 0] += 1 }
        guard let longest = inARow.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else {
            worst = nil
            return
        }
        let why = observation.failures[longest.key] ?? (worst?.metric == longest.key ? worst?.why : nil)
        worst = Failing(metric: longest.key, why: why ?? "no answer", count: longest.value)
    }

    var fires: Bool { worst.map { $0.count >= Self.limit } ?? false }
}
