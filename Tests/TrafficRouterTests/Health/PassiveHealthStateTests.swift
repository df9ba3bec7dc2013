import Testing

@testable import TrafficRouter

struct PassiveHealthStateTests {
    let settings = HealthSettings()

    func record(
        _ health: inout PassiveHealthState, _ outcomes: [InstanceOutcome], at now: UInt64,
        _ settings: HealthSettings? = nil
    ) -> [PassiveHealthState.Finding] {
        outcomes.map { health.record($0, started: now, now: now, settings: settings ?? self.settings) }
    }

    @Test(arguments: InstanceOutcome.allCases.filter(\.isFailure))
    func failuresInARowAreSuspect(_ failure: InstanceOutcome) {
        var health = PassiveHealthState()
        #expect(record(&health, [failure, failure, failure, failure], at: .s(1)).allSatisfy { $0 == .nothing })
        #expect(record(&health, [failure], at: .s(1)) == [.suspect(.consecutiveFailures)])
    }

    @Test func aSuccessBreaksTheRow() {
        var health = PassiveHealthState()
        let settings = HealthSettings.with { $0.errorShareBasisPoints = 0 }
        for _ in 0..<50 {
            let findings = record(&health, [.reset, .reset, .reset, .reset, .success], at: .s(1), settings)
            #expect(findings.allSatisfy { $0 == .nothing })
        }
    }

    @Test(arguments: [(200, false), (404, false), (499, false), (500, true), (503, true), (599, true)])
    func statuses(status: Int, fails: Bool) { #expect(InstanceOutcome(status: status).isFailure == fails) }

    /// Of 10 requests `failing` fail, never five in a row.
    @Test(arguments: [(4, 40, false), (5, 18, false), (5, 20, true), (5, 40, true), (8, 20, true)])
    func shareOfFailures(failing: Int, requests: Int, suspect: Bool) {
        let settings = HealthSettings.with { $0.consecutiveFailures = 100 }
        var health = PassiveHealthState()
        var findings: [PassiveHealthState.Finding] = []
        for index in 0..<requests {
            // Failures at the end of each ten, so that the last request of all is one.
            findings += record(&health, [index % 10 >= 10 - failing ? .serverError : .success], at: .s(1), settings)
        }
        #expect(findings.contains(.suspect(.errorShare)) == suspect)
    }

    @Test func oldFailuresAreForgotten() {
        let settings = HealthSettings.with { $0.consecutiveFailures = 0 }
        var health = PassiveHealthState()
        _ = record(&health, Array(repeating: .reset, count: 19), at: .s(1), settings)
        #expect(record(&health, [.reset], at: .s(12), settings) == [.nothing])
        #expect(health.window.requests == 1)
    }

    @Test func zeroTurnsARuleOff() {
        var health = PassiveHealthState()
        let settings = HealthSettings.with {
            $0.consecutiveFailures = 0
            $0.errorShareBasisPoints = 0
        }
        let findings = record(&health, Array(repeating: .reset, count: 500), at: .s(1), settings)
        #expect(findings.allSatisfy { $0 == .nothing })
    }

    @Test func phases() {
        var health = PassiveHealthState()
        #expect(health.phase(now: .s(10)) == .serving)
        let ejection = health.eject(.consecutiveFailures, now: .s(10), settings: settings)
        #expect(ejection == Ejection(reason: .consecutiveFailures, until: .s(15), count: 1))
        #expect(health.phase(now: .s(15) - 1) == .ejected)
        #expect(health.phase(now: .s(15)) == .probation)
        #expect(record(&health, [.success, .success], at: .s(15)) == [.nothing, .nothing])
        #expect(health.phase(now: .s(15)) == .probation)
        #expect(record(&health, [.success], at: .s(15)) == [.restored])
        #expect(health.phase(now: .s(15)) == .serving)
    }

    @Test func theFirstFailureInProbationIsSuspect() {
        var health = PassiveHealthState()
        _ = health.eject(.errorShare, now: .s(10), settings: settings)
        #expect(record(&health, [.success, .reset], at: .s(16)) == [.nothing, .suspect(.failedProbation)])
    }

    @Test(arguments: [true, false]) func aProbationBeginsAnew(isEjectedAgain: Bool) {
        var health = PassiveHealthState()
        _ = health.eject(.errorShare, now: .s(10), settings: settings)
        _ = record(&health, [.success, .success, .reset], at: .s(16))
        if isEjectedAgain {
            _ = health.eject(.failedProbation, now: .s(16), settings: settings)
        } else {
            health.spare(now: .s(16), settings: settings)
        }
        #expect(record(&health, [.success, .success, .success], at: .s(60)) == [.nothing, .nothing, .restored])
    }

    @Test func anEjectionForgetsWhatBroughtIt() {
        var health = PassiveHealthState()
        _ = record(&health, [.reset, .reset, .success], at: .s(10))
        _ = health.eject(.errorShare, now: .s(10), settings: settings)
        #expect(health.window == FailureWindow())
    }

    @Test(arguments: [(Duration.seconds(1), 1), (.seconds(10), 2), (.seconds(100), 2)] as [(Duration, UInt32)])
    func theWindowIsAsLongAsSet(length: Duration, counted: UInt32) {
        let settings = HealthSettings.with { $0.window = length }
        var health = PassiveHealthState()
        _ = record(&health, [.reset], at: .s(10), settings)
        _ = record(&health, [.reset], at: .s(13), settings)
        #expect(health.window.requests == counted)
    }

    @Test func ejectionsGrowToTheirLimit() {
        var health = PassiveHealthState()
        var now: UInt64 = .s(100)
        var lengths: [UInt64] = []
        for _ in 0..<8 {
            let ejection = health.eject(.failedProbation, now: now, settings: settings)
            lengths.append((ejection.until - now) / .s(1))
            now = ejection.until
        }
        #expect(lengths == [5, 10, 20, 40, 60, 60, 60, 60])
    }

    @Test(arguments: [(59, 2), (60, 1)] as [(UInt64, Int)])
    func formerEjectionsAreForgottenAfterALongTimeInService(seconds: UInt64, count: Int) {
        var health = PassiveHealthState()
        _ = health.eject(.errorShare, now: .s(10), settings: settings)
        _ = record(&health, [.success, .success, .success], at: .s(20))
        let again = health.eject(.errorShare, now: .s(20 + seconds), settings: settings)
        #expect(again.count == count)
    }

    @Test func whatBeganBeforeTheEndOfTheEjectionIsNoNews() {
        var health = PassiveHealthState()
        _ = health.eject(.consecutiveFailures, now: .s(10), settings: settings)
        for (started, now) in [(9, 11), (9, 16), (14, 20)] as [(UInt64, UInt64)] {
            for outcome in [InstanceOutcome.deadline, .success] {
                let finding = health.record(outcome, started: .s(started), now: .s(now), settings: settings)
                #expect(finding == .nothing)
            }
        }
        #expect(health.phase(now: .s(20)) == .probation && health.window.requests == 0)
    }

    @Test func aSparedOneIsLeftAloneForABucket() {
        var health = PassiveHealthState()
        _ = record(&health, Array(repeating: .reset, count: 5), at: .s(10))
        health.spare(now: .s(10), settings: settings)
        #expect(record(&health, Array(repeating: .reset, count: 20), at: .s(11)).allSatisfy { $0 == .nothing })
        #expect(record(&health, [.reset], at: .ms(11_250)) == [.suspect(.consecutiveFailures)])
    }

    @Test func ofTwoEjectionsTheLaterHolds() {
        var health = PassiveHealthState()
        health.adopt(Ejection(reason: .reported, until: .s(30), count: 3))
        health.adopt(Ejection(reason: .reported, until: .s(20), count: 1))
        #expect(health.ejectedUntil == .s(30) && health.ejections == 3)
    }

    @Test func anEndedEjectionIsAProbation() {
        var health = PassiveHealthState()
        _ = health.eject(.consecutiveFailures, now: .s(10), settings: settings)
        health.endEjection(now: .s(11))
        #expect(health.phase(now: .s(11)) == .probation)
        #expect(record(&health, [.success, .success, .success], at: .s(11)).last == .restored)
    }
}
