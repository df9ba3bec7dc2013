/// What many rollouts of one kind came to.
public struct Tally: Sendable, Equatable {
    public private(set) var outcomes: [RolloutOutcome]

    public init(_ outcomes: [RolloutOutcome]) { self.outcomes = outcomes }

    public var count: Int { outcomes.count }
    public var undone: Int { count(.undone) }
    public var promoted: Int { count(.promoted) }

    private func count(_ ending: RolloutEnding) -> Int { outcomes.count { $0.ending == ending } }

    /// Part of the rollouts that were undone, 0 to 1.
    public var undoneRate: Double { Double(undone) / Double(max(1, count)) }
    public var promotedRate: Double { Double(promoted) / Double(max(1, count)) }

    /// The middle of all rollouts, where those that did not end so count as never: infinity when half of them did not.
    public func median(_ ending: RolloutEnding, _ value: (RolloutOutcome) -> Double) -> Double {
        let values = outcomes.map { $0.ending == ending ? value($0) : .infinity }.sorted()
        return values.isEmpty ? .nan : values[(values.count - 1) / 2]
    }

    /// How often each rule undid, most often first.
    public var undoneByRule: [(rule: String, count: Int)] {
        Dictionary(grouping: outcomes.filter { $0.ending == .undone }, by: \.rule)
            .map { (rule: $0.key, count: $0.value.count) }
            .sorted { ($0.count, $1.rule) > ($1.count, $0.rule) }
    }
}
