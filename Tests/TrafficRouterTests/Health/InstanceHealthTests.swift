import Testing

@testable import TrafficRouter

struct InstanceHealthTests {
    let settings = HealthSettings.with { $0.slowStart = .seconds(10) }

    @Test func standings() {
        let health = InstanceHealth()
        #expect(health.standing(takesRequests: true, now: 0) == .eligible(.full))
        #expect(health.standing(takesRequests: false, now: 0) == .gone)
        #expect(health.condition(now: 0) == .healthy)
    }

    @Test func aRefusalPassesByItself() {
        var health = InstanceHealth()
        _ = health.record(.connectFailed, started: .s(10), now: .s(10), settings: settings)
        #expect(health.standing(takesRequests: true, now: .s(10)) == .refusing)
        #expect(health.condition(now: .s(10)) == .refusing)
        #expect(health.standing(takesRequests: true, now: .s(11)) == .eligible(.full))
        #expect(!health.isPlain)
        _ = health.record(.success, started: .s(11), now: .s(11), settings: settings)
        #expect(health.isPlain)
    }

    @Test(arguments: InstanceOutcome.allCases) func onlyARefusalIsPassedOverAtOnce(_ outcome: InstanceOutcome) {
        var health = InstanceHealth()
        _ = health.record(outcome, started: .s(10), now: .s(10), settings: settings)
        #expect(health.standing(takesRequests: true, now: .s(10)).isEligible == (outcome != .connectFailed))
    }

    @Test func checksMakeUnwellAndWell() {
        var health = InstanceHealth()
        var returns = [true, false].map { health.setHealthy($0, now: .s(1)) }
        #expect(health.standing(takesRequests: true, now: .s(1)) == .unwell)
        #expect(health.condition(now: .s(1)) == .unhealthy)
        returns.append(health.setHealthy(true, now: .s(2)))
        #expect(returns == [false, false, true], "only who was unwell comes back")
        #expect(health.standing(takesRequests: true, now: .s(2)) == .eligible(.full))
    }

    @Test func ejectionAndProbation() {
        var health = InstanceHealth()
        _ = health.eject(.errorShare, now: .s(10), settings: settings)
        #expect(health.standing(takesRequests: true, now: .s(14)) == .unwell)
        #expect(health.condition(now: .s(14)) == .ejected)
        #expect(health.standing(takesRequests: true, now: .s(15)) == .eligible(.floor))
        #expect(health.condition(now: .s(15)) == .probation)
        #expect(!health.isProven(takesRequests: true, now: .s(15)))
        for _ in 0..<3 { _ = health.record(.success, started: .s(15), now: .s(15), settings: settings) }
        #expect(health.standing(takesRequests: true, now: .s(15)) == .eligible(.full))
        #expect(health.isPlain && health.ejectionsDecided == 1)
    }

    @Test func checksThatPassAgainEndAnEjectionAndARefusal() {
        var health = InstanceHealth()
        _ = health.record(.connectFailed, started: .s(10), now: .s(10), settings: settings)
        _ = health.eject(.consecutiveFailures, now: .s(10), settings: settings)
        _ = health.setHealthy(false, now: .s(10))
        let returns = health.setHealthy(true, now: .ms(10_500))
        #expect(!returns, "the probation comes first, then the slow start")
        #expect(health.standing(takesRequests: true, now: .ms(10_500)) == .eligible(.floor))
    }

    @Test func restoredAmongOthersStartsSlowly() {
        let all = HealthSubject.some(3)
        #expect(all[0].fail(5, among: all, at: .s(10), settings) != nil)
        all[0].succeed(2, among: all, at: .s(15), settings)
        #expect(all[0].record(.success, among: all, started: .s(15), now: .s(15), settings: settings) == .restored)
        #expect(all[0].health.condition(now: .s(15)) == .slowStart)
    }

    @Test func healthyAgainAmongOthersStartsSlowly() {
        let all = HealthSubject.some(2)
        all[0].setHealthy(false, among: all, now: .s(1), settings: settings)
        all[0].setHealthy(true, among: all, now: .s(2), settings: settings)
        #expect(all[0].health.condition(now: .s(2)) == .slowStart)
    }

    @Test func healthyAgainAloneServesAtOnce() {
        let all = HealthSubject.some(2)
        for subject in all { subject.setHealthy(false, among: all, now: .s(1), settings: settings) }
        all[0].setHealthy(true, among: all, now: .s(2), settings: settings)
        #expect(all[0].health.condition(now: .s(2)) == .healthy)
        all[1].setHealthy(true, among: all, now: .s(3), settings: settings)
        #expect(all[1].health.condition(now: .s(3)) == .slowStart)
    }

    @Test func theCensusCountsConditions() {
        let all = HealthSubject.some(6)
        all[0].takesRequests = false
        all[1].setHealthy(false, among: all, now: .s(1), settings: settings)
        _ = all[2].health.eject(.errorShare, now: .s(1), settings: settings)
        all[3].startSlowly(among: all, now: .s(1), settings: settings)
        let census = HealthCensus(all, now: .s(2), settings: settings)
        #expect(census.instances == 5 && census.out == 2 && census.inSlowStart == 1 && !census.isPanicking)
        _ = all[4].health.eject(.errorShare, now: .s(1), settings: settings)
        #expect(HealthCensus(all, now: .s(2), settings: settings).isPanicking)
        #expect(!HealthCensus([HealthSubject](), now: 0, settings: settings).isPanicking)
    }

    /// The short way that choosing takes must never say more than the long one.
    @Test(arguments: 1...20) func plainIsAlwaysEligibleAndFull(seed: Int) {
        var random = HealthRandom(state: UInt64(seed))
        var health = InstanceHealth()
        var now: UInt64 = .s(1)
        for _ in 0..<2_000 {
            now += .random(in: 0...(.ms(400)), using: &random)
            switch Int.random(in: 0..<40, using: &random) {
            case 0: _ = health.setHealthy(.random(using: &random), now: now)
            case 1: _ = health.eject(.errorShare, now: now, settings: settings)
            case 2: health.adopt(Ejection(reason: .reported, until: now + .s(3), count: 1))
            case 3: health.beginSlowStart(now: now, settings: settings)
            default:
                let outcome = InstanceOutcome.allCases.randomElement(using: &random) ?? .success
                _ = health.record(outcome, started: now, now: now, settings: settings)
            }
            guard health.isPlain else { continue }
            let isPlain =
                health.isHealthy && !health.passive.isOnTrial && health.refusedUntil <= now
                && health.slowStart.weight(now: now) == .full && health.condition(now: now) == .healthy
            if !isPlain { Issue.record("seed \(seed): \(health)") }
        }
    }
}
