import DeliveryModel
import RolloutEngine
import Testing

@Suite struct RolloutProgressTests {
    @Test func firstReleaseServesEverybodyOnceItIsVerified() throws {
        var bench = Bench()
        try bench.deploy(1)
        #expect(bench.kinds == ["deploy.accepted", "rollout.started"])
        #expect(bench.state.rollout?.phase == .prepare)
        #expect(bench.instances(1).count == 2)
        #expect(bench.effects == [.start(release: Bench.digest(1), instances: bench.instances(1).map(\.id))])
        #expect(bench.state.routes == nil)
        try bench.ready(1)
        #expect(bench.state.rollout?.phase == .verify)
        #expect(bench.effects == [.route, .verify(rollout: "shop-1", release: Bench.digest(1))])
        #expect(bench.shares() == [:])
        try bench.verified()
        #expect(bench.state.rollout == nil)
        #expect(bench.state.live == Bench.digest(1))
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.effects == [.route, .retain])
        #expect(bench.state.past.first?.outcome == .complete)
        #expect(bench.standing(1) == .good)
    }

    @Test func fixedStepsAreEachHeldForTheirTimeThenSoakedThenComplete() throws {
        var bench = Bench()
        try bench.complete(1)
        try bench.deploy(2)
        try bench.ready(2)
        #expect(bench.shares() == [1: 10_000])
        try bench.verified()
        #expect(bench.shares() == [1: 9500, 2: 500])
        try bench.judged(.hold, after: .seconds(9))
        #expect(bench.shares() == [1: 9500, 2: 500])
        try bench.judged(.hold, after: .seconds(1))
        #expect(bench.shares() == [1: 5000, 2: 5000])
        try bench.judged(.hold)
        #expect(bench.state.rollout?.phase == .soak)
        #expect(bench.shares() == [2: 10_000])
        #expect(bench.instances(1).count == 2, "the baseline stays at full size until the end")
        try bench.judged(.hold, after: .seconds(19))
        #expect(bench.state.rollout?.phase == .soak)
        try bench.judged(.hold, after: .seconds(1))
        #expect(bench.state.rollout == nil)
        #expect(bench.state.live == Bench.digest(2))
        #expect(bench.state.trail == [Bench.digest(1)])
        #expect(bench.state.releases[Bench.digest(1)]?.warmUntil == bench.now + .seconds(3600))
        #expect(bench.kinds == ["rollout.complete"])
    }

    @Test func aHoldThatNamesItsRuleKeepsTheStep() throws {
        var bench = Bench()
        try bench.complete(1)
        try bench.deploy(2)
        try bench.ready(2)
        try bench.verified()
        try bench.judged(.hold, rule: "both-burning", after: .seconds(60))
        #expect(bench.shares() == [1: 9500, 2: 500])
    }

    @Test func autoStepsFollowTheJudgesShare() throws {
        var bench = Bench()
        let policy = Bench.Policy(steps: .auto)
        try bench.complete(1, policy)
        try bench.deploy(2, policy)
        try bench.ready(2)
        try bench.verified()
        #expect(bench.shares() == [1: 9900, 2: 100])
        try bench.judged(.hold, share: Share(clamping: 300))
        #expect(bench.shares() == [1: 9700, 2: 300])
        try bench.judged(.hold, share: Share(clamping: 200))
        #expect(bench.shares() == [1: 9700, 2: 300], "shares never fall but by an undo")
        try bench.judged(.promote, share: .all)
        #expect(bench.state.rollout?.phase == .soak)
        #expect(bench.shares() == [2: 10_000])
    }

    @Test func theJudgesUndoTakesAllTrafficBackAtOnce() throws {
        var bench = Bench()
        try bench.complete(1)
        try bench.deploy(2)
        try bench.ready(2)
        try bench.verified()
        try bench.judged(.undo, rule: "errors-undo")
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.effects.first == .route)
        #expect(bench.stops(2))
        #expect(bench.standing(2) == .undone)
        #expect(bench.state.releases[Bench.digest(2)]?.reason == "because undo")
        #expect(bench.kinds == ["verdict", "rollout.undone"])
        #expect(bench.state.past.first?.outcome == .undone)
        #expect(bench.state.past.first?.reached == Share(clamping: 500))
        #expect(bench.refusal(.deploy(Bench.record(2), actor: "ann")) == .releaseUndone)
    }

    /// Otherwise a service whose rollouts all fail keeps every release that it ever tried.
    @Test func howeverARolloutEndsRetentionIsAskedFor() throws {
        for end: RolloutEvent in [.abort(actor: "ann"), .undo(to: nil, actor: "ann")] {
            var bench = Bench()
            try bench.complete(1)
            try bench.deploy(2)
            try bench.ready(2)
            try bench.send(end)
            #expect(bench.effects.contains(.retain) && bench.effects.first == .route, "\(end)")
        }
    }

    @Test func theJudgeUndoesInTheSoakAndWhilePausedToo() throws {
        for pausesFirst in [false, true] {
            var bench = Bench()
            try bench.complete(1)
            try bench.deploy(2)
            try bench.ready(2)
            try bench.verified()
            if pausesFirst {
                try bench.send(.pause(actor: "ann"))
            } else {
                try bench.send(.promote(actor: "ann"))
                #expect(bench.state.rollout?.phase == .soak)
            }
            try bench.judged(.undo, rule: "hard-stop")
            #expect(bench.shares() == [1: 10_000])
            #expect(bench.standing(2) == .undone)
        }
    }

    @Test func failedChecksAndFailedStartsUndoBeforeAnyTraffic() throws {
        var bench = Bench()
        try bench.complete(1)
        try bench.deploy(2)
        try bench.send(.startFailed(release: Bench.digest(2), why: "never listened on its port"))
        #expect(bench.state.rollout == nil)
        #expect(bench.standing(2) == .undone)
        #expect(bench.stops(2))
        try bench.deploy(3)
        try bench.ready(3)
        try bench.send(.verifyFailed(rollout: "shop-3", why: "GET / answered 500"))
        #expect(bench.standing(3) == .undone)
        #expect(bench.state.past.first?.why == "GET / answered 500")
        #expect(bench.shares() == [1: 10_000])
        #expect(bench.state.past.filter { $0.reached > .none }.count == 1)
    }

    @Test(arguments: [InconclusivePolicy.hold, .undo, .promote])
    func inconclusiveEndsAsTheServiceFileSays(policy: InconclusivePolicy) throws {
        var bench = Bench()
        try bench.complete(1)
        try bench.deploy(2, Bench.Policy(onInconclusive: policy))
        try bench.ready(2)
        try bench.verified()
        try bench.judged(.inconclusive, rule: "time-limit", after: .seconds(1))
        switch policy {
        case .hold:
            #expect(bench.state.rollout?.isPaused == true)
            #expect(bench.shares() == [1: 9500, 2: 500])
            #expect(bench.kinds == ["verdict", "rollout.paused"])
        case .undo:
            #expect(bench.standing(2) == .undone)
            #expect(bench.shares() == [1: 10_000])
        case .promote:
            #expect(bench.state.rollout?.phase == .soak)
            #expect(bench.shares() == [2: 10_000])
        }
    }

    @Test func resultsOfAnotherRolloutAreIgnored() throws {
        var bench = Bench()
        try bench.complete(1)
        try bench.deploy(2)
        try bench.ready(2)
        #expect(try bench.send(.verified(rollout: "shop-1", firstShare: Share(clamping: 100))).isUnchanged)
        #expect(try bench.send(.verifyFailed(rollout: "shop-1", why: "late")).isUnchanged)
        #expect(try bench.send(.started(release: Bench.digest(9), ports: ["x": 1])).isUnchanged)
        #expect(bench.state.rollout?.phase == .verify)
    }
}
