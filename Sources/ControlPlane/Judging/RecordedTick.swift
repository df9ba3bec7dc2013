import DeliveryModel

/// One line of a rollout's record: the tick exactly as `nonevent judge` reads it, and what the judge said to it.
struct RecordedTick: Codable {
    var tick: JudgeTick
    var verdict: Verdict?

    private enum CodingKeys: String, CodingKey { case verdict }

    init(tick: JudgeTick, verdict: Verdict?) {
        self.tick = tick
        self.verdict = verdict
    }

    init(from decoder: any Decoder) throws {
        tick = try JudgeTick(from: decoder)
        verdict = try? decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(Verdict.self, forKey: .verdict)
    }

    func encode(to encoder: any Encoder) throws {
        try tick.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encodeIfPresent(verdict, forKey: .verdict)
    }
}
