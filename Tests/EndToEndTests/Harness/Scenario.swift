import Foundation

/// One service with two releases and its own traffic, beside others in the same world.
struct Scenario {
    var baseline = Behaviour(version: "one")
    var candidate = Behaviour(version: "two")
    var plan: Plan
    var perSecond = 40
    var people = 4

    init(_ name: String, steps: String = "[50%, 100%]", hold: String = "5m", judge: String = "{}") {
        plan = Plan(name: name, steps: steps, hold: hold, instances: 1, more: "judge: \(judge)")
    }
}

/// A scenario under way.
struct Course {
    var name: String
    var commit: String
    var load: SteadyLoad
    let world: World

    /// The candidate's rollout.
    func rollout() throws -> SeenRollout? { try world.history(name).first { $0.commit == commit } }

    /// The candidate's rollout, once it has ended.
    func end(within limit: Duration) throws -> SeenRollout {
        guard let ended = try Poll.value(within: limit, { try rollout().flatMap { $0.endedAt == nil ? nil : $0 } })
        else {
            let last = try rollout().map { "\($0)" } ?? "no rollout"
            throw World.Trouble(description: "\(name) did not end within \(limit): \(last)")
        }
        return ended
    }
}

extension World {
    /// Brings every scenario's first release up, all at the same time, then its traffic, then its candidate.
    ///
    /// - Parameter waitForFirsts: returns when the candidates may come.
    func perform(_ scenarios: [Scenario], waitForFirsts: () throws -> Void = {}) throws -> [String: Course] {
        let firsts = try scenarios.map { scenario in
            try commit(scenario.baseline, scenario.plan)
            return try start(["deploy", "--wait"], in: tree(scenario.plan.name))
        }
        for first in firsts where first.wait(within: .seconds(120)) != 0 {
            throw Trouble(description: "first deploy: \(first.output)\(first.errors)")
        }
        let loads = try scenarios.map { try load($0.plan.name, perSecond: $0.perSecond, people: $0.people) }
        try waitForFirsts()
        let commits = try scenarios.map { try commit($0.candidate, $0.plan) }
        let seconds = try scenarios.map { try start(["deploy"], in: tree($0.plan.name)) }
        for second in seconds where second.wait(within: .seconds(120)) != 0 {
            throw Trouble(description: "deploy: \(second.output)\(second.errors)")
        }
        var courses: [String: Course] = [:]
        for (scenario, (commit, load)) in zip(scenarios, zip(commits, loads)) {
            let name = scenario.plan.name
            courses[name] = Course(name: name, commit: commit, load: load, world: self)
        }
        return courses
    }
}
