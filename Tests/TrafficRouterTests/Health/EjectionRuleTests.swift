import Testing

@testable import TrafficRouter

struct EjectionRuleTests {
    let settings = HealthSettings()

    @Test func anInstanceThatFailsBesideGoodOnesIsEjected() {
        let all = HealthSubject.some(3)
        for other in all.dropFirst() { other.succeed(50, among: all, at: .s(10), settings) }
        let event = all[0].fail(5, among: all, at: .s(10), settings)
        #expect(event == .ejected(Ejection(reason: .consecutiveFailures, until: .s(15), count: 1)))
        #expect(all[0].standing(now: .s(10)) == .unwell)
    }

    @Test func aSingleInstanceIsNeverEjected() {
        let all = HealthSubject.some(1)
        #expect(all[0].fail(500, among: all, at: .s(10), settings) == .spared(.consecutiveFailures))
        #expect(all[0].standing(now: .s(10)).isEligible)
    }

    @Test(arguments: ["draining", "unhealthy", "refusing", "on trial"])
    func whatCannotTakeOverDoesNotCount(_ other: String) {
        let all = HealthSubject.some(2)
        switch other {
        case "draining": all[1].takesRequests = false
        case "unhealthy": all[1].setHealthy(false, among: all, now: .s(10), settings: settings)
        case "refusing": _ = all[1].fail(1, .connectFailed, among: all, at: .s(10), settings)
        default:
            #expect(
                all[1].adopt(
                    Ejection(reason: .reported, until: .s(9), count: 1), among: all, now: .s(8), settings: settings))
        }
        #expect(all[0].fail(5, among: all, at: .s(10), settings) == .spared(.consecutiveFailures))
    }

    @Test(arguments: [
        (2, 5_000, 1), (3, 5_000, 1), (4, 5_000, 2), (10, 5_000, 5), (10, 9_000, 1), (10, 0, 9), (10, 10_000, 0),
    ])
    func ejectionsStopBeforeThePanic(instances: Int, panic: Int, ejected: Int) {
        let settings = HealthSettings.with { $0.panicBasisPoints = panic }
        let all = HealthSubject.some(instances)
        for subject in all { _ = subject.fail(5, .reset, among: all, at: .s(10), settings) }
        #expect(all.count { !$0.standing(now: .s(10)).isEligible } == ejected)
    }

    @Test(arguments: [(0, true), (10, true), (25, true), (26, false), (60, false)])
    func whereOthersFailAlikeTheReleaseIsBad(percent: Int, isEjected: Bool) {
        let settings = HealthSettings.with { $0.errorShareBasisPoints = 5_000 }
        let all = HealthSubject.some(4)
        for other in all.dropFirst() {
            for index in 0..<100 {
                // Spread out, so that the others are not suspected themselves.
                let fails = index * percent / 100 != (index + 1) * percent / 100
                other.health.recordQuietly(fails ? .serverError : .success, at: .s(10), settings)
            }
        }
        let event = all[0].fail(5, among: all, at: .s(10), settings)
        #expect((event == .spared(.consecutiveFailures)) == !isEjected)
    }

    @Test func withFewRequestsToOthersOwnFailuresDecide() {
        let all = HealthSubject.some(2)
        for _ in 0..<4 { all[1].health.recordQuietly(.serverError, at: .s(10), settings) }
        #expect(all[0].fail(5, among: all, at: .s(10), settings) != .spared(.consecutiveFailures))
    }

    @Test func anOutlierByItsShareIsEjected() {
        let all = HealthSubject.some(3)
        for other in all.dropFirst() { other.succeed(50, among: all, at: .s(10), settings) }
        var event: HealthEvent?
        for index in 0..<20 {
            let outcome: InstanceOutcome = index % 2 == 0 ? .success : .serverError
            event = all[0].record(outcome, among: all, started: .s(10), now: .s(10), settings: settings) ?? event
        }
        #expect(event == .ejected(Ejection(reason: .errorShare, until: .s(15), count: 1)))
    }

    @Test func aFailedProbationEjectsForLonger() {
        let all = HealthSubject.some(3)
        _ = all[0].fail(5, .reset, among: all, at: .s(10), settings)
        let event = all[0].fail(1, .reset, among: all, at: .s(15), settings)
        #expect(event == .ejected(Ejection(reason: .failedProbation, until: .s(25), count: 2)))
    }

    @Test func reportsOfOtherLoopsAreAdoptedButNeverForTheLast() {
        let all = HealthSubject.some(2)
        let report = Ejection(reason: .consecutiveFailures, until: .s(20), count: 2)
        #expect(all[0].adopt(report, among: all, now: .s(10), settings: settings))
        #expect(all[0].standing(now: .s(10)) == .unwell && all[0].health.ejectionsDecided == 0)
        #expect(!all[1].adopt(report, among: all, now: .s(10), settings: settings))
        #expect(all[1].standing(now: .s(10)).isEligible)
    }

    @Test func aReportNeedsNoProofOfThisLoop() {
        let all = HealthSubject.some(2)
        for index in 0..<40 {
            all[1].health.recordQuietly(index % 2 == 0 ? .success : .reset, at: .s(10), settings)
        }
        let report = Ejection(reason: .errorShare, until: .s(20), count: 1)
        #expect(all[0].adopt(report, among: all, now: .s(10), settings: settings))
    }

    @Test func whatOthersDidLongAgoDoesNotCount() {
        let all = HealthSubject.some(2)
        for index in 0..<40 {
            all[1].health.recordQuietly(index % 2 == 0 ? .success : .reset, at: .s(10), settings)
        }
        #expect(all[0].fail(5, among: all, at: .s(30), settings) != .spared(.consecutiveFailures))
    }

    @Test func aReportThatIsOverChangesNothing() {
        let all = HealthSubject.some(2)
        let report = Ejection(reason: .consecutiveFailures, until: .s(10), count: 2)
        #expect(!all[0].adopt(report, among: all, now: .s(10), settings: settings))
        #expect(all[0].health.isPlain)
    }

    /// Whatever happens, passive health leaves every release an instance that is eligible as far as it goes, and the
    /// choice always gives one while any takes requests.
    @Test(arguments: 1...40) func theLastIsNeverEjected(seed: Int) {
        var walk = EjectionWalk(seed: UInt64(seed))
        for step in 0..<2_000 {
            walk.step()
            guard walk.isSound else {
                Issue.record("seed \(seed), step \(step): \(walk.all.map { $0.health.condition(now: walk.now) })")
                return
            }
        }
        #expect((walk.ejections > 0) == (walk.all.count > 1), "seed \(seed)")
    }

    @Test(arguments: [(0, 0, 0, true), (0, 4, 0, true), (1, 4, 0, false), (1, 2, 5_000, false), (1, 3, 5_000, true)])
    func panicThreshold(eligible: Int, present: Int, basisPoints: Int, crossed: Bool) {
        let settings = HealthSettings.with { $0.panicBasisPoints = basisPoints }
        #expect(PanicThreshold.isCrossed(eligible: eligible, of: present, settings: settings) == crossed)
    }
}

/// Traffic to a few instances that fail at rates which change at times.
private struct EjectionWalk {
    let settings: HealthSettings
    let all: [HealthSubject]
    private(set) var now: UInt64 = .s(1)
    private(set) var ejections = 0
    private(set) var isSound = true
    private var random: HealthRandom
    private var percents: [Int]
    private var choice = InstanceChoice()
    private static let failures = InstanceOutcome.allCases.filter { $0.isFailure && $0 != .connectFailed }

    init(seed: UInt64) {
        random = HealthRandom(state: seed)
        settings = .with { $0.panicBasisPoints = seed % 3 == 0 ? 0 : 5_000 }
        all = HealthSubject.some(Int.random(in: 1...8, using: &random))
        percents = all.map { $0.id * 30 % 100 }
    }

    mutating func step() {
        now += .random(in: 0...(.ms(100)), using: &random)
        if Int.random(in: 0..<400, using: &random) == 0 {
            percents = percents.map { _ in Int.random(in: 0...100, using: &random) }
        }
        guard let chosen = choice.pick(from: all, now: now, settings: settings) else { return isSound = false }
        let fails = Int.random(in: 0..<100, using: &random) < percents[chosen.id]
        let failure = Self.failures.randomElement(using: &random) ?? .reset
        let event = chosen.record(fails ? failure : .success, among: all, started: now, now: now, settings: settings)
        if case .ejected = event { ejections += 1 }
        let eligible = all.count { $0.standing(now: now).isEligible }
        isSound = eligible > 0 && !PanicThreshold.isCrossed(eligible: eligible, of: all.count, settings: settings)
    }
}

extension InstanceHealth {
    /// Without anybody who would eject.
    fileprivate mutating func recordQuietly(_ outcome: InstanceOutcome, at now: UInt64, _ settings: HealthSettings) {
        _ = record(outcome, started: now, now: now, settings: settings)
    }
}
