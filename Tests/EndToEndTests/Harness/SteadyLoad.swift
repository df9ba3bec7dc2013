import Foundation
import Synchronization

/// Steady traffic from a few people, with kept connections or one for each request; counts what they saw.
final class SteadyLoad: Sendable {
    struct Seen: Sendable {
        var requests = 0
        /// Answers of 500 and above by release, connections that broke (`broken`) or that were not to be had
        /// (`refused`).
        var failures: [String: Int] = [:]
        var byRelease: [String: Int] = [:]
        /// Longest time without a single good answer.
        var longestGap: Duration = .zero
        var lastGood = ContinuousClock.now
        var failed: Int { failures.values.reduce(0, +) }
    }

    private let seen = Mutex(Seen())
    private let isEnding = Mutex(false)
    private let group = DispatchGroup()

    init(port: UInt16, host: String, perSecond: Int = 100, people: Int = 4, keepsConnections: Bool = true) {
        for _ in 0..<people {
            group.enter()
            Thread.detachNewThread { [self] in
                act(port: port, host: host, pause: 1_000_000 * UInt32(people) / UInt32(perSecond), keepsConnections)
                group.leave()
            }
        }
    }

    var now: Seen { seen.withLock { $0 } }

    private func act(port: UInt16, host: String, pause: UInt32, _ keepsConnections: Bool) {
        var connection: Connection?
        while !isEnding.withLock({ $0 }) {
            let began = ContinuousClock.now
            do {
                let used = try connection ?? Connection(port: port)
                connection = used
                let reply = try used.exchange("GET", "/page", headers: ["host": host])
                if used.isClosed || !keepsConnections { connection = nil }
                let release = reply.headers["x-nonevent-release"] ?? "none"
                seen.withLock { seen in
                    seen.requests += 1
                    seen.byRelease[release, default: 0] += 1
                    guard reply.status < 500 else {
                        seen.failures[release, default: 0] += 1
                        return
                    }
                    seen.longestGap = max(seen.longestGap, seen.lastGood.duration(to: .now))
                    seen.lastGood = .now
                }
            } catch {
                connection = nil
                let what = if case Connection.Failure.refused = error { "refused" } else { "broken" }
                seen.withLock { seen in
                    seen.requests += 1
                    seen.failures[what, default: 0] += 1
                }
            }
            let used = began.duration(to: .now).components.attoseconds / 1_000_000_000_000
            if used < Int64(pause) { usleep(pause - UInt32(used)) }
        }
    }

    /// Stops and tells.
    @discardableResult
    func end() -> Seen {
        isEnding.withLock { $0 = true }
        group.wait()
        return now
    }
}
