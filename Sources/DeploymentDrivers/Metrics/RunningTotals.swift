import DeliveryModel
import Synchronization

/// Makes totals that never fall out of instances' counters, which start at 0 when an instance is restarted.
///
/// Forgotten when this process ends: the first total afterwards is what the instances count then.
final class RunningTotals: Sendable {
    /// A release's counter is forgotten when it was not asked for so long.
    static let memory = Duration.seconds(3600)

    struct Counter: Hashable {
        var service: ServiceName
        var release: ReleaseDigest
        var path: String
        var query: String
    }

    private struct Instance {
        var last: Double
        /// What it had counted before its last restart.
        var before = 0.0
        /// When `last` was put here, in tickets.
        var ticket: UInt64
        var total: Double { before + last }
    }

    private struct State {
        var ticket: UInt64 = 0
        var counters: [Counter: (asked: ContinuousClock.Instant, instances: [Int: Instance])] = [:]
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> ContinuousClock.Instant

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) { self.now = now }

    /// To be drawn before the instances are asked.
    func ticket() -> UInt64 {
        state.withLock { state in
            state.ticket += 1
            return state.ticket
        }
    }

    /// Takes what the instances count now.
    ///
    /// - Returns: the total of all instances ever seen, those that are gone included.
    func add(_ readings: [(port: Int, value: Double)], to counter: Counter, ticket: UInt64) -> Double {
        let moment = now()
        return state.withLock { state in
            state.counters = state.counters.filter { moment - $0.value.asked <= Self.memory }
            state.ticket += 1
            var instances = state.counters[counter]?.instances ?? [:]
            for (port, value) in readings {
                guard var instance = instances[port] else {
                    instances[port] = Instance(last: value, ticket: state.ticket)
                    continue
                }
                if value < instance.last {
                    // Of two questions at the same time the earlier reading may come in last: no restart.
                    guard ticket > instance.ticket else { continue }
                    instance.before = instance.total
                }
                instance.last = value
                instance.ticket = state.ticket
                instances[port] = instance
            }
            state.counters[counter] = (moment, instances)
            return instances.keys.sorted().reduce(0) { $0 + (instances[$1]?.total ?? 0) }
        }
    }

    /// How many counters are remembered.
    var count: Int { state.withLock { $0.counters.count } }
}
