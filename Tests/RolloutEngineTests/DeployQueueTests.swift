import DeliveryModel
import Foundation
import RolloutEngine
import Testing

@Suite struct DeployQueueTests {
    @Test func oneRolloutAServiceAndNoMoreThanAllowedInAll() {
        var bench = QueueBench(total: 2)
        for service in ["a", "b", "c"] { bench.offer(service, service + "1") }
        #expect(bench.next() == ["a1", "b1"])
        bench.offer("a", "a2")
        #expect(bench.next().isEmpty)
        bench.ended("b")
        #expect(bench.next() == ["c1"])
        bench.ended("c")
        #expect(bench.next().isEmpty, "a1 is still under way")
        bench.ended("a")
        #expect(bench.next() == ["a2"])
    }

    @Test func aNewerCommitTakesTheWaitingOnesPlaceAndItsCommitsAlong() {
        var bench = QueueBench()
        bench.offer("x", "x1")
        _ = bench.next()
        bench.offer("a", "a1")
        bench.now = bench.now + .seconds(1)
        bench.offer("b", "b1")
        bench.now = bench.now + .seconds(1)
        let before = bench.queue.waiting[Bench.name("a")]
        #expect(bench.offer("a", "a2") == before.map(DeployQueue.Offer.superseded))
        bench.ended("x")
        #expect(bench.next() == ["a2"], "the batch keeps the place of its oldest commit")
        #expect(bench.queue.running[Bench.name("a")]?.commits == ["a1", "a2"])
    }

    @Test func theSameCommitIsOfferedOnce() {
        var bench = QueueBench()
        bench.offer("a", "a1")
        #expect(bench.offer("a", "a1") == .known)
        #expect(bench.queue.waiting[Bench.name("a")]?.commits == ["a1"])
        _ = bench.next()
        #expect(bench.offer("a", "a1") == .known && bench.queue.waiting.isEmpty)
    }

    @Test func aBatchWithAFixIsAFixAndItsLengthIsBounded() {
        var bench = QueueBench()
        bench.offer("a", "c0", .fix)
        for number in 1...DeployQueue.batchCommits { bench.offer("a", "c\(number)") }
        let batch = bench.queue.waiting[Bench.name("a")]
        #expect(batch?.priority == .fix && batch?.commits.count == DeployQueue.batchCommits)
        #expect(batch?.moreCommits == 1 && batch?.commits.first == "c1")
    }

    @Test func fixesGoFirst() {
        var bench = QueueBench()
        bench.offer("a", "a1")
        bench.offer("b", "b1")
        bench.offer("c", "c1", .fix)
        #expect(bench.order() == ["c1", "a1", "b1"])
    }

    @Test func aGroupHasItsOwnLimit() {
        var bench = QueueBench(total: 8)
        bench.conditions.limits.groups = ["payments": 1]
        for service in ["a", "b"] { bench.offer(service, service + "1", .normal, .init(group: "payments")) }
        bench.offer("c", "c1", .normal, .init(group: "search"))
        bench.offer("d", "d1", .normal, .init(group: "search"))
        #expect(bench.next() == ["a1", "c1", "d1"])
        bench.ended("a")
        #expect(bench.next() == ["b1"])
    }

    @Test func holdsKeepBackAndSayWhoAndWhy() {
        var bench = QueueBench(total: 8)
        let hold = DeployHold(by: "ann", why: "migration", since: bench.now)
        bench.queue.hold(Bench.name("a"), hold)
        bench.offer("a", "a1")
        bench.offer("b", "b1")
        #expect(bench.next() == ["b1"])
        #expect(bench.queue.waiting(at: bench.now, bench.conditions).map(\.reasons) == [[.hold(hold)]])
        bench.queue.hold(Bench.name("a"), DeployHold(by: "bob", why: "still", since: bench.now))
        #expect(bench.queue.holds[Bench.name("a")] == DeployHold(by: "bob", why: "still", since: hold.since))
        bench.queue.holdAll(hold)
        #expect(bench.queue.release(Bench.name("a")) && !bench.queue.release(Bench.name("a")))
        #expect(bench.next().isEmpty)
        #expect(bench.queue.releaseAll() && !bench.queue.releaseAll())
        #expect(bench.next() == ["a1"])
    }

    @Test func withoutErrorBudgetOnlyFixesGoOut() {
        var bench = QueueBench(total: 8)
        bench.conditions.budgetSpent = [Bench.name("a"), Bench.name("b")]
        bench.offer("a", "a1")
        bench.offer("b", "b1", .fix)
        bench.offer("c", "c1")
        #expect(bench.next() == ["b1", "c1"])
        #expect(bench.queue.waiting(at: bench.now, bench.conditions).map(\.reasons) == [[.budget]])
        #expect(bench.offer("a", "a1", .fix) == .known)
        #expect(bench.next() == ["a1"], "said again, it is a fix")
    }

    @Test func theRunningRolloutIsAbortedOnlyIfTheServiceSaysSo() {
        var bench = QueueBench()
        bench.offer("a", "a1")
        _ = bench.next()
        bench.offer("a", "a2")
        #expect(bench.next().isEmpty)
        bench.offer("a", "a3", .normal, .init(supersede: .running))
        #expect(bench.next() == ["-a1"])
        #expect(bench.next().isEmpty, "asked once")
        bench.ended("a")
        #expect(bench.next() == ["a3"])
        #expect(bench.queue.running[Bench.name("a")]?.commits == ["a1", "a2", "a3"])
    }

    @Test func nothingIsAbortedForWhatMayNotBeginOrAgainAndAgain() {
        var bench = QueueBench()
        let deploy = DeploySpecification(supersede: .running)
        bench.offer("a", "a0", .normal, deploy)
        _ = bench.next()
        bench.queue.hold(Bench.name("a"), DeployHold(by: "ann", why: "", since: bench.now))
        bench.offer("a", "a1", .normal, deploy)
        #expect(bench.next().isEmpty)
        bench.queue.release(Bench.name("a"))
        for number in 1...3 {
            #expect(bench.next() == ["-a\(number - 1)"])
            bench.ended("a")
            #expect(bench.next() == ["a\(number)"])
            bench.offer("a", "a\(number + 1)", .normal, deploy)
        }
        #expect(bench.next().isEmpty, "the fourth is let through")
        bench.ended("a")
        #expect(bench.next() == ["a4"])
        bench.offer("a", "a5", .normal, deploy)
        #expect(bench.next() == ["-a4"], "counted anew")
    }

    @Test func afterARestartTheQueueFollowsWhatIsReallyUnderWay() throws {
        var bench = QueueBench(total: 2)
        bench.offer("a", "a1", .normal, .init(supersede: .running))
        bench.offer("b", "b1")
        _ = bench.next()
        bench.offer("a", "a2", .normal, .init(supersede: .running))
        #expect(bench.next() == ["-a1"])
        let running = try #require(bench.queue.running[Bench.name("a")])
        bench.queue.align(with: [running.service: running])
        #expect(bench.queue.running.count == 1)
        bench.offer("c", "c1")
        #expect(bench.next() == ["-a1", "c1"], "the abort is asked for again")
    }

    @Test(arguments: [(1, ["d", "b", "c", "e"]), (2, ["b", "d", "c", "e"]), (4, ["b", "c", "e", "d"]), (9, nil)])
    func moveSetsThePosition(position: Int, order: [String]?) {
        var bench = QueueBench()
        bench.offer("a", "a")
        _ = bench.next()
        for service in ["b", "c", "d", "e"] { bench.offer(service, service); bench.now = bench.now + .seconds(1) }
        let moved = bench.queue.move(Bench.name("d"), to: position)
        #expect(moved)
        let wanted = order ?? ["b", "c", "e", "d"]
        #expect(bench.queue.waiting(at: bench.now, bench.conditions).map(\.deploy.commit) == wanted)
        bench.ended("a")
        #expect(bench.order() == wanted)
        let unknown = bench.queue.move(Bench.name("zz"), to: 1)
        #expect(!unknown)
    }

    @Test func dropTakesOut() {
        var bench = QueueBench()
        bench.offer("a", "a1")
        #expect(bench.queue.drop(Bench.name("a"))?.commit == "a1")
        #expect(bench.next().isEmpty && bench.queue.isIdle && bench.queue.drop(Bench.name("a")) == nil)
    }

    @Test func reasonsNameEverythingThatIsWaitedFor() {
        var bench = QueueBench(total: 1)
        bench.conditions.limits.groups = ["g": 1]
        bench.offer("a", "a1", .normal, .init(group: "g"))
        _ = bench.next()
        bench.offer("a", "a2", .normal, .init(group: "g"))
        let begun = bench.now
        #expect(
            bench.queue.waiting(at: bench.now, bench.conditions).first?.reasons
                == [.rollout(commit: "a1", since: begun), .group("g", limit: 1), .total(limit: 1)])
        bench.ended("a")
        #expect(bench.queue.waiting(at: bench.now, bench.conditions).first?.reasons == [.turn])
    }

    @Test func theForecastFollowsFromHistory() {
        var bench = QueueBench(total: 1)
        var durations = RolloutDurations()
        durations.record(Bench.name("a"), seconds: 100)
        durations.record(Bench.name("b"), seconds: 40)
        bench.offer("a", "a1")
        _ = bench.next()
        bench.offer("b", "b1")
        bench.now = bench.now + .seconds(1)
        bench.offer("c", "c1")
        bench.offer("h", "h1")
        bench.queue.hold(Bench.name("h"), DeployHold(by: "ann", why: "", since: bench.now))
        bench.now = bench.now + .seconds(29)
        let places = bench.queue.waiting(at: bench.now, bench.conditions, durations: durations)
        #expect(places.map(\.deploy.commit) == ["b1", "c1", "h1"])
        #expect(places.map(\.forecastSeconds) == [70, 110, nil])
    }

    @Test func experienceFollowsTheNewestAndHelpsWhoHasNone() {
        var durations = RolloutDurations()
        #expect(durations.expected(Bench.name("a")) == 300)
        durations.record(Bench.name("a"), seconds: 100)
        durations.record(Bench.name("a"), seconds: 200)
        #expect(durations.expected(Bench.name("a")) == 120 && durations.expected(Bench.name("b")) == 120)
        durations.record(Bench.name("a"), seconds: .infinity)
        #expect(durations.expected(Bench.name("a")) == 120)
    }

    @Test func itIsStoredWhole() throws {
        var bench = QueueBench(total: 2)
        bench.offer("a", "a1", .fix, .init(team: "t", group: "g", freeze: [weekend]))
        bench.offer("b", "b1")
        bench.offer("c", "c1")
        bench.queue.holdAll(DeployHold(by: "ann", why: "", since: bench.now))
        bench.queue.releaseAll()
        _ = bench.next()
        _ = bench.queue.move(Bench.name("c"), to: 3)
        let data = try JSONEncoder().encode(bench.queue)
        #expect(try JSONDecoder().decode(DeployQueue.self, from: data) == bench.queue)
    }
}

private let weekend = FreezeWindow(
    from: .weekly(weekday: 4, minute: 960), to: .weekly(weekday: 0, minute: 480), zone: "Europe/Berlin")
