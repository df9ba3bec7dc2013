public import DeliveryModel

/// What a statistician may set when one rule is run alone; `nil` leaves the rule's own value.
public struct RuleParameters: Sendable, Equatable {
    /// Null rate ratio, above 0; for `slo` the multiple of the error budget.
    public var r0: Double?
    /// Alternatives, all on the rule's side of 1.
    public var grid: [Double]?
    /// Dispersion, 1 or more.
    public var phi: Double?
    /// Additive slack, 0 <= d < 1.
    public var slack: Double?
    /// `false`: the process without restart.
    public var restart: Bool

    public init(
        r0: Double? = nil, grid: [Double]? = nil, phi: Double? = nil, slack: Double? = nil, restart: Bool = true
    ) {
        self.r0 = r0
        self.grid = grid
        self.phi = phi
        self.slack = slack
        self.restart = restart
    }

    /// Alternatives at most.
    public static let largestGrid = 1000

    /// What is wrong with them, in words; `nil` when `rule` can be run with them.
    public func problem(for rule: JudgeRuleName) -> String? {
        let side = Self.side(of: rule)
        if r0 != nil || grid != nil, side == nil { return "the rule '\(rule.rawValue)' has no r0 and no grid" }
        if slack != nil, rule != .errorsUndo, rule != .errorsPromote {
            return "only errors-undo and errors-promote have a slack, not '\(rule.rawValue)'"
        }
        if let r0, !(r0 > 0 && r0.isFinite) { return "expected r0 above 0, found \(r0)" }
        if let r0, rule == .countsUndo, !(r0 >= 0.01 && r0 <= 1) {
            return "expected r0 from 0.01 to 1 for counts-undo, found \(r0)"
        }
        if let phi, !(phi >= 1 && phi.isFinite) { return "expected phi of 1 or more, found \(phi)" }
        if let slack, !(slack >= 0 && slack < 1) { return "expected a slack from 0 to below 1, found \(slack)" }
        guard let grid, let side else { return nil }
        guard (1...Self.largestGrid).contains(grid.count) else {
            return "expected a grid of 1 to \(Self.largestGrid) alternatives, found \(grid.count)"
        }
        for alternative in grid {
            guard alternative > 0, alternative.isFinite else {
                return "expected alternatives above 0, found \(alternative)"
            }
            if alternative == 1 { return "the grid contains 1, which is no alternative" }
            if (alternative > 1) != (side == .above) {
                let place = side == .above ? "above" : "below"
                return "the alternatives of '\(rule.rawValue)' must be \(place) 1, found \(alternative)"
            }
        }
        return nil
    }

    private enum Side { case above, below }

    private static func side(of rule: JudgeRuleName) -> Side? {
        switch rule {
        case .errorsUndo, .latencyUndo, .slo: .above
        case .errorsPromote, .latencyPromote, .countsUndo: .below
        default: nil
        }
    }
}

/// Why a rule cannot be run alone as asked.
public struct RuleParameterError: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}
