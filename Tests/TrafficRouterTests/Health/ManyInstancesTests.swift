import Testing

@testable import TrafficRouter

/// Releases with more instances than are looked at for each request.
struct ManyInstancesTests {
    let settings = HealthSettings()

    @Test(arguments: [33, 48, 100, 1_000, 1_001]) func loadIsSpreadEvenly(count: Int) {
        let all = HealthSubject.some(count)
        let choice = HealthChooser()
        for _ in 0..<(count * 20) { choice.pick(all, at: 0, settings)?.inFlight += 1 }
        let loads = all.map(\.inFlight)
        #expect((loads.min() ?? 0) >= 18 && (loads.max() ?? 0) <= 22, "\(loads.min() ?? 0) to \(loads.max() ?? 0)")
    }

    @Test func unwellAndGoneOnesGetNothing() {
        let all = HealthSubject.some(200)
        for subject in all where subject.id % 5 == 0 { _ = subject.health.setHealthy(false, now: 1) }
        for subject in all where subject.id % 5 == 1 { subject.takesRequests = false }
        let choice = HealthChooser()
        for _ in 0..<2_000 { choice.pick(all, at: .s(1), settings)?.inFlight += 1 }
        #expect(all.allSatisfy { $0.id % 5 > 1 || $0.inFlight == 0 })
        #expect(all.allSatisfy { $0.id % 5 <= 1 || (10...24).contains($0.inFlight) })
    }

    @Test func aWindowOfUnwellOnesIsLookedBeyond() {
        let all = HealthSubject.some(100)
        for subject in all.prefix(50) { _ = subject.health.setHealthy(false, now: 1) }
        let choice = HealthChooser()
        for _ in 0..<500 {
            #expect((choice.pick(all, at: .s(1), settings)?.id ?? 0) >= 50)
        }
    }

    @Test func aPanicBeginsAndEndsWithinOneRoundOfRequests() {
        let all = HealthSubject.some(100)
        let choice = HealthChooser()
        for _ in 0..<10 { _ = choice.pick(all, at: 0, settings) }
        for subject in all.prefix(60) { _ = subject.health.setHealthy(false, now: 1) }
        for _ in 0..<101 { _ = choice.pick(all, at: .s(1), settings) }
        #expect((0..<400).contains { _ in (choice.pick(all, at: .s(1), settings)?.id ?? 99) < 60 })
        for subject in all.prefix(60) { _ = subject.health.setHealthy(true, now: .s(2)) }
        for subject in all.prefix(30) { _ = subject.health.setHealthy(false, now: .s(2)) }
        for _ in 0..<101 { _ = choice.pick(all, at: .s(2), settings) }
        #expect(!(0..<400).contains { _ in (choice.pick(all, at: .s(2), settings)?.id ?? 99) < 30 })
    }

    @Test func aPanicSpreadsOverAll() {
        let all = HealthSubject.some(100)
        for subject in all where subject.id % 5 > 1 { _ = subject.health.setHealthy(false, now: 1) }
        let choice = HealthChooser()
        for _ in 0..<2_000 { choice.pick(all, at: .s(1), settings)?.inFlight += 1 }
        #expect(all.allSatisfy { (15...25).contains($0.inFlight) }, "\(all.map(\.inFlight))")
    }

    @Test func aRetryLooksAtAll() {
        let all = HealthSubject.some(40)
        let choice = HealthChooser()
        var tried: [HealthSubject] = []
        while let next = choice.pick(all, except: tried, at: 0, settings) { tried.append(next) }
        #expect(Set(tried.map(\.id)).count == 40)
    }

    @Test func aTableThatShrinksIsNoTrouble() {
        let choice = HealthChooser()
        let all = HealthSubject.some(100)
        for count in [100, 40, 33, 100, 34, 3, 100, 0, 50] {
            let some = Array(all.prefix(count))
            for _ in 0..<17 {
                let chosen = choice.pick(some, at: 0, settings)
                #expect((chosen == nil) == some.isEmpty && (chosen?.id ?? -1) < count)
            }
        }
    }
}
