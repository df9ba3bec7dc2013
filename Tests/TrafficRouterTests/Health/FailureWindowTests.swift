import Testing

@testable import TrafficRouter

struct FailureWindowTests {
    @Test func countsWhatIsRecent() {
        var window = FailureWindow()
        for second in 0..<8 {
            window.record(failed: second % 2 == 0, now: .s(100 + UInt64(second)), bucketLength: .s(1))
        }
        #expect(window.requests == 8 && window.failures == 4)
        window.advance(to: .s(108), bucketLength: .s(1))
        #expect(window.requests == 7 && window.failures == 3, "the oldest bucket is forgotten")
    }

    @Test(arguments: [8, 9, 100, 1_000_000] as [UInt64])
    func aPauseForgetsAll(seconds: UInt64) {
        var window = FailureWindow()
        for _ in 0..<5 { window.record(failed: true, now: .s(10), bucketLength: .s(1)) }
        window.advance(to: .s(10 + seconds), bucketLength: .s(1))
        #expect(window.requests == 0 && window.failures == 0)
    }

    @Test func timeThatStandsStillOrGoesBackIsTheRunningBucket() {
        var window = FailureWindow()
        window.record(failed: true, now: .s(10), bucketLength: .s(1))
        window.record(failed: true, now: .s(9), bucketLength: .s(1))
        #expect(window.requests == 2)
    }

    /// Against a list of all requests: what the window counts lies between the last 7/8 and the whole of its length.
    @Test(arguments: 1...8) func agreesWithAList(seed: Int) {
        var random = HealthRandom(state: UInt64(seed))
        var window = FailureWindow()
        var all: [(at: UInt64, failed: Bool)] = []
        var now: UInt64 = .s(5)
        for _ in 0..<1_000 {
            now += UInt64.random(in: 0...(.random(in: 0..<50, using: &random) == 0 ? .s(3) : .ms(30)), using: &random)
            let fails = Bool.random(using: &random)
            all.append((now, fails))
            window.record(failed: fails, now: now, bucketLength: .ms(250))
            let least = all.count { $0.at > now - .ms(1_750) }
            let most = all.count { $0.at + .ms(2_000) > now }
            let failures = all.count { $0.at > now - .ms(1_750) && $0.failed }
            let (requests, failed) = (Int(window.requests), Int(window.failures))
            if !(least...most).contains(requests) || !(failures...requests).contains(failed) {
                Issue.record("seed \(seed): \(window) counts neither \(least) nor \(most)")
                return
            }
            if all.count > 400 { all.removeFirst(200) }
        }
    }

    @Test func isOfFixedSize() {
        #expect(MemoryLayout<FailureWindow>.size <= 128)
        #expect(MemoryLayout<InstanceHealth>.size <= 256)
        #expect(_isPOD(InstanceHealth.self), "no heap memory, so a million requests cannot make it grow")
        #expect(_isPOD(InstanceChoice.self) && _isPOD(CheckSchedule.self) && _isPOD(ActiveHealthState.self))
    }
}
