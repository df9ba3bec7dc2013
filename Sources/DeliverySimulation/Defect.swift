/// What is wrong with a candidate.
public enum Defect: String, Sendable, CaseIterable {
    case none
    /// Percentage points of all requests fail on top of the base rate.
    case tenthPoint, onePoint, tenPoints
    case allFail
    case slower20, slower100
    /// The slowest 1.5 % take three times as long, which makes the 99th percentile three times as long.
    case slowTail
    case ordersHalved, orders20Fewer
    /// Memory grows by 2 % a minute.
    case leak
    /// Five points more errors from 600 s on.
    case late

    public static let lateSeconds = 600.0
    public static let leakPerMinute = 0.02

    /// For tables.
    public var label: String {
        switch self {
        case .none: "healthy"
        case .tenthPoint: "+0.1 pp errors"
        case .onePoint: "+1 pp errors"
        case .tenPoints: "+10 pp errors"
        case .allFail: "all fail"
        case .slower20: "latency x1.2"
        case .slower100: "latency x2"
        case .slowTail: "p99 x3"
        case .ordersHalved: "orders -50 %"
        case .orders20Fewer: "orders -20 %"
        case .leak: "memory +2 % a minute"
        case .late: "+5 pp errors from 600 s on"
        }
    }

    /// Part of the candidate's requests that fail on top of the others, at `t` seconds.
    public func addedErrors(at t: Double) -> Double {
        switch self {
        case .tenthPoint: 0.001
        case .onePoint: 0.01
        case .tenPoints: 0.1
        case .allFail: 1
        case .late: t >= Self.lateSeconds ? 0.05 : 0
        default: 0
        }
    }

    public var latencyScale: Double {
        switch self {
        case .slower20: 1.2
        case .slower100: 2
        default: 1
        }
    }

    public var latencyTail: Double { self == .slowTail ? 3 : 1 }

    /// Part of the orders that are still made.
    public var orderFactor: Double {
        switch self {
        case .ordersHalved: 0.5
        case .orders20Fewer: 0.8
        default: 1
        }
    }

    /// Memory at `t` seconds as a multiple of what it should be.
    public func memoryFactor(at t: Double) -> Double { self == .leak ? 1 + Self.leakPerMinute * t / 60 : 1 }
}
