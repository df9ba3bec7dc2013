import Testing

@testable import TrafficRouter

struct InstanceChoiceTests {
    let settings = HealthSettings.with { $0.slowStart = .seconds(100) }

    /// Requests that end before the next begins.
    func idle(_ all: [HealthSubject], _ picks: Int, at now: UInt64 = .s(10), _ settings: HealthSettings? = nil) -> [Int]
    {
        let choice = HealthChooser()
        var counts = all.map { _ in 0 }
        for _ in 0..<picks {
            if let chosen = choice.pick(all, at: now, settings ?? self.settings) { counts[chosen.id] += 1 }
        }
        return counts
    }

    /// Requests that do not end.
    func held(_ all: [HealthSubject], _ picks: Int, at now: UInt64 = .s(10)) -> [Int] {
        let choice = HealthChooser()
        for _ in 0..<picks { choice.pick(all, at: now, settings)?.inFlight += 1 }
        return all.map(\.inFlight)
    }

    @Test func theLeastLoadedIsChosen() {
        let all = HealthSubject.some(4)
        for (subject, load) in zip(all, [3, 1, 2, 5]) { subject.inFlight = load }
        let choice = HealthChooser()
        #expect(choice.pick(all, at: 0, settings)?.id == 1)
    }

    @Test(arguments: [1, 2, 3, 7, 32]) func equallyLoadedOnesTakeTurns(count: Int) {
        #expect(idle(HealthSubject.some(count), count * 10).allSatisfy { $0 == 10 })
    }

    /// Where the start of the search moves on, the one behind the gap would get double.
    @Test func aGapGivesNobodyADoublePart() {
        let all = HealthSubject.some(4)
        all[1].takesRequests = false
        #expect(idle(all, 300) == [100, 0, 100, 100])
    }

    @Test func nobodyIsLeftWithoutInstances() {
        let choice = HealthChooser()
        #expect(choice.pick([]) == nil)
        let all = HealthSubject.some(2)
        for subject in all { subject.takesRequests = false }
        #expect(choice.pick(all, at: 0, settings) == nil)
    }

    @Test func triedOnesAreNotGivenAgain() {
        let all = HealthSubject.some(3)
        let choice = HealthChooser()
        var tried: [HealthSubject] = []
        while let next = choice.pick(all, except: tried, at: 0, settings) { tried.append(next) }
        #expect(Set(tried.map(\.id)) == [0, 1, 2] && tried.count == 3)
    }

    @Test func betterOnesFirst() {
        let all = HealthSubject.some(5)
        all[0].takesRequests = false
        _ = all[1].health.record(.connectFailed, started: .s(10), now: .s(10), settings: settings)
        _ = all[2].health.setHealthy(false, now: .s(10))
        let settings = HealthSettings.with { $0.panicBasisPoints = 0 }
        let choice = HealthChooser()
        var tried: [HealthSubject] = []
        while let next = choice.pick(all, except: tried, at: .s(10), settings) { tried.append(next) }
        #expect(tried.map(\.id) == [3, 4, 2, 1])
    }

    @Test(arguments: [(1, [0, 60]), (2, [0, 30, 30]), (3, [15, 15, 15, 15])])
    func aPanicUsesUnwellOnes(others: Int, expected: [Int]) {
        // One well of two is no panic at 50 %; two of three neither; one of four is.
        let all = HealthSubject.some(others + 1)
        let unwell = others == 3 ? Array(all.dropFirst()) : [all[0]]
        for subject in unwell { _ = subject.health.setHealthy(false, now: .s(1)) }
        #expect(idle(all, 60) == expected)
    }

    @Test func aPanicStillPassesOverWhatRefuses() {
        let all = HealthSubject.some(4)
        for subject in all.dropFirst() { _ = subject.health.setHealthy(false, now: .s(10)) }
        _ = all[3].health.record(.connectFailed, started: .s(10), now: .s(10), settings: settings)
        #expect(idle(all, 30) == [10, 10, 10, 0])
    }

    @Test func whenAllAreUnwellAllAreUsed() {
        let all = HealthSubject.some(3)
        for subject in all { _ = subject.health.setHealthy(false, now: .s(1)) }
        #expect(idle(all, 30, HealthSettings.with { $0.panicBasisPoints = 0 }) == [10, 10, 10])
    }

    @Test(arguments: [10, 25, 50, 75, 100] as [UInt64])
    func loadFollowsTheWeight(percent: UInt64) {
        for run in [idle, held] as [(Run)] {
            let all = HealthSubject.some(4)
            all[2].health.beginSlowStart(now: .s(10), settings: settings)
            let counts = run(self, all, 10_000, .s(10 + percent))
            let expected = 10_000 * Double(percent) / Double(300 + percent)
            // Within 3 standard deviations of a fair draw, with much room: the choice is exact to a request or two.
            #expect(abs(Double(counts[2]) - expected) <= 3, "\(counts)")
            #expect((counts[0] - counts[3]).magnitude <= 1)
        }
    }

    typealias Run = @Sendable (Self, [HealthSubject], Int, UInt64) -> [Int]
    let idle: Run = { $0.idle($1, $2, at: $3) }
    let held: Run = { $0.held($1, $2, at: $3) }

    /// Requests of random length, of which some are under way: those at full weight stay within 3 standard deviations
    /// of equal parts. One at half weight gets somewhat less than half of that, as its load counts the new request.
    @Test(arguments: 1...10) func sharesUnderRandomLoad(seed: Int) {
        var random = HealthRandom(state: UInt64(seed))
        let all = HealthSubject.some(5)
        all[0].health.beginSlowStart(now: .s(10), settings: settings)
        let choice = HealthChooser()
        var counts = all.map { _ in 0 }
        var under: [HealthSubject] = []
        let picks = 10_000
        for _ in 0..<picks {
            let target = Int.random(in: 0...40, using: &random)
            while under.count > target {
                under.swapAt(Int.random(in: 0..<under.count, using: &random), under.count - 1)
                under.removeLast().inFlight -= 1
            }
            guard let chosen = choice.pick(all, at: .s(60), settings) else { continue }
            counts[chosen.id] += 1
            chosen.inFlight += 1
            under.append(chosen)
        }
        let mean = Double(counts.dropFirst().reduce(0, +)) / 4
        let deviation = (mean * 3 / 4).squareRoot()
        #expect(counts.dropFirst().allSatisfy { abs(Double($0) - mean) < 3 * deviation }, "seed \(seed): \(counts)")
        #expect((0.35...0.55).contains(Double(counts[0]) / mean), "seed \(seed): \(counts)")
    }

    @Test func onlySlowOnesShareEvenly() {
        let all = HealthSubject.some(3)
        for subject in all { subject.health.beginSlowStart(now: .s(10), settings: settings) }
        #expect(idle(all, 300) == [100, 100, 100])
    }

    @Test func whoReturnsIsNotFlooded() {
        let all = HealthSubject.some(3)
        let choice = HealthChooser()
        all[0].takesRequests = false
        for _ in 0..<1_000 { _ = choice.pick(all, at: 0, settings) }
        all[0].takesRequests = true
        var counts = [0, 0, 0]
        for _ in 0..<9 { counts[choice.pick(all, at: 0, settings)?.id ?? 0] += 1 }
        #expect(counts[0] <= 4, "\(counts)")
    }

    @Test func aProbationGetsATenth() {
        let all = HealthSubject.some(2)
        _ = all[0].health.eject(.errorShare, now: .s(1), settings: settings)
        let counts = idle(all, 1_100)
        #expect(abs(counts[0] - 100) <= 1, "\(counts)")
    }

    @Test func firstTurnsDifferAndStayBelowOneRequest() {
        let turns = (0..<100).map { InstanceChoice.firstTurn(seed: UInt64($0) &* 7_919) }
        #expect(Set(turns).count > 90 && turns.allSatisfy { $0 < InstanceChoice.turnLength / 10_000 })
        let all = HealthSubject.some(3)
        for (subject, turn) in zip(all, [900, 100, 500] as [UInt64]) { subject.turn = turn }
        let choice = HealthChooser()
        #expect((0..<6).map { _ in choice.pick(all, at: 0, settings)?.id } == [1, 2, 0, 1, 2, 0])
    }
}
