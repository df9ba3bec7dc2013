@testable import TrafficRouter

/// An instance that is nothing but what choosing needs.
final class HealthSubject: ChoosableInstance {
    let id: Int
    var inFlight = 0
    var takesRequests = true
    var health = InstanceHealth()
    var turn: UInt64 = 0

    init(_ id: Int) { self.id = id }

    static func some(_ count: Int) -> [HealthSubject] { (0..<count).map { HealthSubject($0) } }

    func fail(
        _ times: Int, _ outcome: InstanceOutcome = .serverError, among all: [HealthSubject], at now: UInt64,
        _ settings: HealthSettings
    ) -> HealthEvent? {
        var last: HealthEvent?
        for _ in 0..<times { last = record(outcome, among: all, started: now, now: now, settings: settings) ?? last }
        return last
    }

    func succeed(_ times: Int, among all: [HealthSubject], at now: UInt64, _ settings: HealthSettings) {
        for _ in 0..<times { _ = record(.success, among: all, started: now, now: now, settings: settings) }
    }
}

/// A release's choice that may stand inside an expectation, which does not let values be changed.
final class HealthChooser {
    private var choice = InstanceChoice()

    func pick(
        _ all: [HealthSubject], except tried: [HealthSubject] = [], at now: UInt64 = 0,
        _ settings: HealthSettings = .init()
    ) -> HealthSubject? {
        choice.pick(from: all, except: tried, now: now, settings: settings)
    }
}

/// SplitMix64 as a generator, so that a test's walk is the same each time and its seed can be named.
struct HealthRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}

extension UInt64 {
    static func ms(_ count: UInt64) -> UInt64 { count * 1_000_000 }
    static func s(_ count: UInt64) -> UInt64 { count * 1_000_000_000 }
}

extension HealthSettings {
    static func with(_ change: (inout HealthSettings) -> Void) -> HealthSettings {
        var settings = HealthSettings()
        change(&settings)
        return settings
    }
}
