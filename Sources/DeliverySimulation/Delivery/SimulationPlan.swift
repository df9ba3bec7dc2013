public import DeliveryModel
public import RolloutEngine

/// What is simulated: how many services, how much is deployed, for how long, and what goes wrong.
public struct SimulationPlan: Sendable, Equatable {
    public var services: Int
    /// Green commits of trunks a day.
    public var deploysPerDay: Int
    public var days: Int
    public var seed: UInt64
    /// Part of changes that are bad, in one of the ways of ``ChangeFlaw``.
    public var badPart = 0.1
    /// Steps from one crash of the control plane to the next, on average; 0: it never crashes.
    public var stepsBetweenCrashes = 100_000
    /// Days of instances and routers dying, and of people undoing, holding and drilling, for each service; on average.
    public var daysBetweenDeaths = 3.0
    public var daysBetweenActs = 5.0
    public var limits: DeployLimits
    /// Seconds between two looks of the judge at a rollout.
    public var tickSeconds = 20.0
    /// For tests of the checkers: breaks this promise on purpose, once, from that step on.
    public var sabotage: (promise: Promise, step: Int)?

    /// - Parameters:
    ///   - services: at least 1.
    ///   - days: at least 1; what is under way at their end is let come to its end.
    public init(services: Int, deploysPerDay: Int, days: Int, seed: UInt64) {
        self.services = max(1, services)
        self.deploysPerDay = max(0, deploysPerDay)
        self.days = max(1, days)
        self.seed = seed
        // A rollout takes some minutes, and the busiest hour has a tenth of the day's.
        limits = DeployLimits(total: max(4, deploysPerDay / 60), groups: ["payments": max(1, deploysPerDay / 1500)])
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.services == right.services && left.deploysPerDay == right.deploysPerDay && left.days == right.days
            && left.seed == right.seed && left.limits == right.limits && left.tickSeconds == right.tickSeconds
    }
}

/// What must hold after every step of the simulation; `Docs/ARCHITECTURE.md` explains each.
public enum Promise: String, Sendable, CaseIterable {
    /// The shares of a service's releases add up to 10,000 in the router's table.
    case sharesAddUp = "shares-add-up"
    /// What gets the rest of the traffic has served everybody before, and one of its instances runs.
    case goodReleaseServes = "good-release-serves"
    /// A release that was undone gets traffic again only when a person says so.
    case undoneStaysUndone = "undone-stays-undone"
    /// A service has one candidate at most, and the queue knows of it.
    case oneRollout = "one-rollout"
    /// What was accepted is live, superseded or undone in the end.
    case everyCommitEnds = "every-commit-ends"
    /// Live release, rollout and share follow from the journal alone.
    case journalReplays = "journal-replays"
    /// Rollouts, deploys that may go and pipelines come to an end in bounded time.
    case nothingWaitsForever = "nothing-waits-for-ever"
    /// What is read from the store after a crash is what was in memory before; so is the judge that is fed again.
    case crashChangesNothing = "crash-changes-nothing"
    /// Requests are sent to instances that run.
    case routedInstancesRun = "routed-instances-run"
    /// The store took and gave back what it was asked.
    case storeWorks = "store-works"
}

/// A broken promise, and how to see it again.
public struct SimulationViolation: Error, Sendable, Equatable, CustomStringConvertible {
    public var promise: Promise
    public var seed: UInt64
    public var step: Int
    public var time: Timestamp
    public var service: String
    public var detail: String

    public var description: String {
        "\(promise.rawValue) is broken at seed \(seed), step \(step), \(time), service \(service): \(detail)"
    }
}
