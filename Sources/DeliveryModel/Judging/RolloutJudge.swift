/// Decides from counts alone. One value per rollout, fed one tick at a time; `Codable` so that it survives a crash with
/// the rollout.
public protocol RolloutJudge: Sendable, Codable {
    /// - Parameter tick: what was seen since the last call.
    mutating func judge(_ tick: JudgeTick) -> Verdict
}
