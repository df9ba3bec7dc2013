import DeliveryModel
import Foundation
import RolloutEngine
import Testing

/// Random offers, ends, holds, moves, drops and crashes; what must hold after each of them, and at the end.
@Suite struct QueueWalkTests {
    @Test(arguments: 1...40) func everyPromiseHolds(seed: UInt64) throws {
        var walk = QueueWalk(seed: seed)
        for step in 1...300 {
            let broken = try walk.advance()
            try #require(broken == nil, "seed \(seed), step \(step): \(broken ?? "")")
        }
        #expect(walk.finish() == nil, "seed \(seed)")
    }

    /// Stored and read again after every step, it decides as if nothing had happened.
    @Test(arguments: 1...20) func aCrashAfterAnyStepChangesNothing(seed: UInt64) throws {
        var calm = QueueWalk(seed: seed)
        var crashing = QueueWalk(seed: seed, crashes: true)
        for step in 1...200 {
            _ = try calm.advance()
            _ = try crashing.advance()
            try #require(calm.bench.queue == crashing.bench.queue, "seed \(seed), step \(step)")
        }
        #expect(calm.decisions == crashing.decisions && calm.decisions.count > 5, "seed \(seed)")
    }
}

private struct QueueWalk {
    private(set) var bench = QueueBench(total: 3)
    private(set) var decisions: [QueueDecision] = []
    private let crashes: Bool
    private var random: WalkRandom
    private var commits: [String: Set<String>] = [:]
    /// Commits that went out, or that a person dropped.
    private var settled: [String: Set<String>] = [:]
    private var number = 0
    private let services = (0..<12).map { "s\($0)" }

    init(seed: UInt64, crashes: Bool = false) {
        self.crashes = crashes
        random = WalkRandom(state: seed)
        bench.conditions.limits.groups = ["g0": 1]
    }

    mutating func advance() throws -> String? {
        bench.now = bench.now + .seconds(Int.random(in: 1...300, using: &random))
        let service = services[Int.random(in: 0..<services.count, using: &random)]
        switch Int.random(in: 0..<20, using: &random) {
        case 0...8: offer(service)
        case 9...13: end()
        case 14: bench.queue.hold(Bench.name(service), DeployHold(by: "ann", why: "", since: bench.now))
        case 15: bench.queue.release(Bench.name(service))
        case 16: if Bool.random(using: &random) { bench.queue.releaseAll() } else { holdAll() }
        case 17: _ = bench.queue.move(Bench.name(service), to: Int.random(in: 1...6, using: &random))
        case 18:
            if let dropped = bench.queue.drop(Bench.name(service)) {
                settled[service, default: []].formUnion(dropped.commits)
            }
        default:
            bench.queue = try JSONDecoder().decode(DeployQueue.self, from: JSONEncoder().encode(bench.queue))
            bench.queue.align(with: bench.queue.running)
        }
        if crashes { bench.queue = try JSONDecoder().decode(DeployQueue.self, from: JSONEncoder().encode(bench.queue)) }
        return begin() ?? lost()
    }

    /// Nothing is kept back any more: then everything goes out, in a bounded number of starts.
    mutating func finish() -> String? {
        for service in services { bench.queue.release(Bench.name(service)) }
        bench.queue.releaseAll()
        for _ in 0..<services.count * 8 where !bench.queue.isIdle {
            if let broken = begin() ?? lost() { return broken }
            end()
        }
        return bench.queue.isIdle ? lost() : "\(bench.queue.waiting.count) wait for ever"
    }

    private mutating func offer(_ service: String) {
        number += 1
        let index = Int(service.dropFirst()) ?? 0
        bench.offer(
            service, "c\(number)", Int.random(in: 0..<5, using: &random) == 0 ? .fix : .normal,
            DeploySpecification(
                team: "t\(index % 3)", group: index % 4 == 0 ? "g0" : nil,
                supersede: index % 5 == 0 ? .running : .waiting))
        commits[service, default: []].insert("c\(number)")
    }

    private mutating func holdAll() {
        bench.queue.holdAll(DeployHold(by: "ann", why: "", since: bench.now))
    }

    private mutating func end() {
        guard let service = bench.queue.running.keys.sorted().randomElement(using: &random),
            let ended = bench.queue.ended(service)
        else { return }
        settled[service.text, default: []].formUnion(ended.commits)
    }

    private mutating func begin() -> String? {
        let before = bench.queue
        var begun: Set<ServiceName> = []
        for decision in bench.queue.next(at: bench.now, bench.conditions) {
            decisions.append(decision)
            switch decision {
            case .begin(let deploy):
                if before.running[deploy.service] != nil { return "a second rollout of \(deploy.service)" }
                if !begun.insert(deploy.service).inserted { return "\(deploy.service) begins twice" }
                if before.holdOfAll != nil || before.holds[deploy.service] != nil { return "\(deploy.service) is held" }
            case .abort(let under, _):
                if before.running[under.service] == nil { return "aborts what does not run" }
                if before.waiting[under.service]?.supersede != .running { return "aborts what nobody asked for" }
            }
        }
        if bench.queue.running.count > 3 { return "\(bench.queue.running.count) at once" }
        if bench.queue.running.values.count(where: { $0.group == "g0" }) > 1 { return "two of one group" }
        // Whoever could begin and did not: then no place was free.
        let idle = bench.queue.waiting.values.contains { deploy in
            bench.queue.holdOfAll == nil && bench.queue.holds[deploy.service] == nil
                && bench.queue.running[deploy.service] == nil
                && (deploy.group == nil || !bench.queue.running.values.contains { $0.group == deploy.group })
        }
        return idle && bench.queue.running.count < 3 ? "a place is free and somebody waits" : nil
    }

    /// Every commit waits, is under way, or is settled.
    private func lost() -> String? {
        for (service, all) in commits {
            let name = Bench.name(service)
            let known = settled[service, default: []].union(bench.queue.waiting[name]?.commits ?? [])
                .union(bench.queue.running[name]?.commits ?? [])
            if let missing = all.subtracting(known).first { return "\(missing) of \(service) is lost" }
        }
        return nil
    }
}
