/// What is wrong with a change, if anything, and where it shows.
public enum ChangeFlaw: String, Sendable, CaseIterable {
    case none
    /// The pipeline finds it.
    case testsFail
    /// Its instances do not become ready.
    case startFails
    /// The smoke checks find it.
    case smokeFails
    /// Everything fails.
    case allFail
    /// Ten, or one, of a hundred requests fail on top of the others.
    case tenPoints, onePoint
    /// Five of a hundred, ten minutes after the first traffic: the rollout is often complete by then.
    case late

    static let bad: [ChangeFlaw] = allCases.filter { $0 != .none }
    static let lateSeconds = 600.0

    /// Part of the requests that fail on top of the others.
    func addedErrors(at seconds: Double) -> Double {
        switch self {
        case .allFail: 1
        case .tenPoints: 0.1
        case .onePoint: 0.01
        case .late: seconds >= Self.lateSeconds ? 0.05 : 0
        case .none, .testsFail, .startFails, .smokeFails: 0
        }
    }
}
