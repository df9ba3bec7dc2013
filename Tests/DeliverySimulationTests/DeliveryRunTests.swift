import DeliverySimulation
import Testing

/// A small organisation, in which the control plane dies all the time.
private func plan(_ seed: UInt64, services: Int = 6, deploys: Int = 150, days: Int = 2, crashes: Int = 200)
    -> SimulationPlan
{
    var plan = SimulationPlan(services: services, deploysPerDay: deploys, days: days, seed: seed)
    plan.stepsBetweenCrashes = crashes
    plan.daysBetweenDeaths = 0.2
    plan.daysBetweenActs = 0.3
    return plan
}

@Suite struct DeliveryRunTests {
    @Test(arguments: 1...UInt64(8)) func everyPromiseHoldsAtEveryStep(seed: UInt64) {
        var run = DeliveryRun(plan(seed))
        let report = run.run()
        #expect(run.violation == nil, "\(run.violation.map(String.init(describing:)) ?? "")")
        #expect(report.accepted > 200 && report.rollouts > 100 && report.ticks > 1000)
        #expect(report.live + report.superseded + report.undone == report.accepted)
        #expect(report.live > 0 && report.superseded > 0 && report.undone > 0)
        // Everything that can go wrong has done so.
        #expect(report.controlPlaneCrashes > 20 && report.instanceDeaths > 5 && report.acts > 10)
    }

    /// More services, so that there is a queue; fewer crashes, so that it gets long.
    @Test(arguments: 11...UInt64(16)) func everyPromiseHoldsInALargerOrganisation(seed: UInt64) {
        var plan = plan(seed, services: 40, deploys: 900, days: 3, crashes: 4000)
        plan.limits.total = 7
        var run = DeliveryRun(plan)
        let report = run.run()
        #expect(run.violation == nil, "\(run.violation.map(String.init(describing:)) ?? "")")
        #expect(report.accepted > 2000 && report.red > 0 && report.controlPlaneCrashes > 5)
        #expect(report.queueDelayP99 > 60, "nothing had to wait: that tells little")
    }

    @Test func oneServiceAndNoDeploysIsAQuietOrganisation() {
        var run = DeliveryRun(plan(1, services: 1, deploys: 0, days: 1, crashes: 0))
        let report = run.run()
        #expect(run.violation == nil && report.accepted == 1 && report.live == 1)
    }

    @Test func aCrashAtAnyMomentOfARolloutIsSurvived() {
        // So many that every step has one near it.
        var run = DeliveryRun(plan(3, services: 2, deploys: 20, days: 1, crashes: 4))
        let report = run.run()
        #expect(run.violation == nil, "\(run.violation.map(String.init(describing:)) ?? "")")
        #expect(report.controlPlaneCrashes > 200 && report.live > 0)
    }

    @Test func theSamePlanGivesTheSameRun() {
        var traces: [[String]] = []
        for _ in 0..<2 {
            var trace: [String] = []
            var run = DeliveryRun(plan(4), trace: { trace.append($0) })
            _ = run.run(until: 3000)
            traces.append(trace)
        }
        #expect(traces[0] == traces[1] && traces[0].count > 3000)
        var other = DeliveryRun(plan(5))
        var same = DeliveryRun(plan(4))
        #expect(other.run(until: 3000) != same.run(until: 3000))
    }

    /// Each promise is broken on purpose once, and its own checker says so.
    @Test(arguments: Promise.allCases) func everyCheckerSeesItsPromiseBroken(promise: Promise) throws {
        var plan = plan(6, days: 1)
        plan.sabotage = (promise, 1500)
        var run = DeliveryRun(plan)
        _ = run.run()
        let violation = try #require(run.violation, "nobody saw that \(promise.rawValue) is broken")
        #expect(violation.promise == promise, "\(violation)")
        #expect(violation.seed == 6 && violation.step >= 1500)
    }

    @Test func aViolationIsSeenAgainAtTheSameStep() throws {
        var plan = plan(7, days: 1)
        plan.sabotage = (.goodReleaseServes, 1000)
        var first = DeliveryRun(plan)
        _ = first.run()
        let violation = try #require(first.violation)
        var again = DeliveryRun(plan)
        _ = again.run(until: violation.step)
        #expect(again.violation == violation)
        var before = DeliveryRun(plan)
        _ = before.run(until: violation.step - 1)
        #expect(before.violation == nil)
    }

    @Test func aViolationNamesSeedAndStep() throws {
        var plan = plan(8, days: 1)
        plan.sabotage = (.storeWorks, 500)
        var run = DeliveryRun(plan)
        _ = run.run()
        let text = try #require(run.violation).description
        #expect(text.hasPrefix("store-works is broken at seed 8, step "), "\(text)")
    }
}
