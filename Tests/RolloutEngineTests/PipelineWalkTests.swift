import DeliveryModel
import Foundation
import RolloutEngine
import Testing

/// Random graphs, results and crashes: what must hold after every event, and at the end.
@Suite struct PipelineWalkTests {
    private static let seeds: ClosedRange<UInt64> = 1...300

    @Test func everyPromiseHoldsAndACrashAtAnyStepChangesNoEnd() throws {
        for seed in Self.seeds {
            var calm = PipelineWalk(seed: seed, crashes: false)
            let (end, broken) = try calm.finish()
            #expect(broken == nil, "seed \(seed): \(broken ?? "")")
            var crashing = PipelineWalk(seed: seed, crashes: true)
            let (other, alsoBroken) = try crashing.finish()
            #expect(alsoBroken == nil, "seed \(seed) with crashes: \(alsoBroken ?? "")")
            #expect(end.outcome == other.outcome, "seed \(seed): a crash changed the end")
            if end.outcome == .passed {
                #expect(end.stages.map(\.status) == other.stages.map(\.status), "seed \(seed)")
            }
        }
    }
}

/// What a stage does depends on its name and how often it ran to an end, never on when.
private struct PipelineWalk {
    private var run: PipelineRun
    private let endings: [String: [StageEnding.Kind]]
    private let crashes: Bool
    private var random: WalkRandom
    private var now = Timestamp(microseconds: 1_800_000_000_000_000)
    private var working: [(attempt: String, stage: String)] = []
    private var used: Set<String> = []
    private var ran: [String: Int] = [:]
    private var packing = false

    init(seed: UInt64, crashes: Bool) {
        var random = WalkRandom(state: seed)
        let count = Int.random(in: 0...9, using: &random)
        var endings: [String: [StageEnding.Kind]] = [:]
        let stages = (0..<count).map { index -> StageSpecification in
            let needs = (0..<index).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }.map { "s\($0)" }
            let retries = Int.random(in: 0...2, using: &random)
            endings["s\(index)"] = (0...retries).map { _ in
                let draw = Int.random(in: 0..<12, using: &random)
                return draw == 0 ? .failed : draw == 1 ? .timedOut : draw == 2 ? .cached : .passed
            }
            return StageSpecification(name: "s\(index)", run: .shell("true"), needs: needs, retries: retries)
        }
        self.endings = endings
        self.crashes = crashes
        run = PipelineRun(
            id: "shop-p1", service: Bench.name("shop"),
            origin: PipelineOrigin(repository: "shop", branch: "main", commit: "c", actor: "ann"),
            pipeline: PipelineSpecification(stages: stages), parallel: Int.random(in: 1...4, using: &random),
            packs: Bool.random(using: &random), at: now)
        // Which result comes first and when it crashes is drawn apart, so that both walks have one graph.
        self.random = WalkRandom(state: crashes ? ~seed : seed &* 31)
    }

    mutating func finish() throws -> (PipelineRun, String?) {
        if let broken = try take(.begin) { return (run, broken) }
        for _ in 0..<500 where run.outcome == nil {
            let broken: String?
            if crashes, Int.random(in: 0..<4, using: &random) == 0,
                run.stages.allSatisfy({ $0.attempts.count < 4 })
            {
                // Stored, read again, and all that was under way is gone.
                run = try JSONDecoder().decode(PipelineRun.self, from: JSONEncoder().encode(run))
                working = []
                packing = false
                broken = try take(.restarted)
            } else if packing {
                packing = false
                broken = try take(.packed(Bench.digest(1)))
            } else if !working.isEmpty {
                broken = try endOne()
            } else {
                return (run, "nothing is under way, and it has not ended")
            }
            if let broken { return (run, broken) }
        }
        return (run, run.outcome == nil ? "it does not end" : nil)
    }

    private mutating func endOne() throws -> String? {
        let (attempt, stage) = working.remove(at: Int.random(in: 0..<working.count, using: &random))
        if run[stage]?.current?.isStopping == true {
            return try take(.ended(attempt: attempt, StageEnding(.stopped)))
        }
        let number = ran[stage, default: 0]
        ran[stage] = number + 1
        let kind = endings[stage].flatMap { $0.indices.contains(number) ? $0[number] : nil }
        return try take(.ended(attempt: attempt, StageEnding(kind ?? .passed)))
    }

    private mutating func take(_ event: PipelineEvent) throws -> String? {
        now = now + .seconds(Int.random(in: 1...60, using: &random))
        let before = run
        let transition = try PipelineStateMachine.step(run, event, at: now)
        run = transition.run
        for effect in transition.effects {
            switch effect {
            case .start(let attempt, let stage):
                if !used.insert(attempt).inserted { return "\(attempt) is started twice" }
                if run.stages.contains(where: { $0.status == .failed }) { return "\(stage) starts after a failure" }
                let needs = run[stage]?.needs ?? []
                if !needs.allSatisfy({ run[$0]?.hasPassed == true }) { return "\(stage) starts too early" }
                working.append((attempt, stage))
            case .stop(let attempt):
                if !working.contains(where: { $0.attempt == attempt }) { return "\(attempt) is stopped, not running" }
            case .pack:
                if !run.stages.allSatisfy(\.hasPassed) { return "packed though not all has passed" }
                packing = true
            }
        }
        if run.underWay.count > run.parallel { return "\(run.underWay.count) run at once" }
        if Set(run.underWay.map(\.id)) != Set(working.map(\.attempt)) { return "what runs is not what it says" }
        for (old, new) in zip(before.stages, run.stages) where old.hasPassed && !new.hasPassed {
            return "\(new.name) had passed"
        }
        return nil
    }
}

/// Sebastiano Vigna's SplitMix64: the same seed gives the same walk on every machine.
struct WalkRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
