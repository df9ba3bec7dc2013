import CanaryJudge
import DeliveryModel
import DeliverySimulation
import Foundation
import Glibc

/// What one tick costs the judge with every rule at work: errors, latencies, orders and memory at 200 requests/s, ticks
/// of 1 s.
struct TickCost: Sendable {
    /// Ticks of 1 s in a week.
    static let week = 604_800
    private static let measured = 2_000
    /// The median of so many timings is taken.
    private static let blocks = 10

    var ticks = 0
    var microsecondsAtStart = Double.nan
    var microsecondsAtEnd = Double.nan
    /// The whole judge as JSON.
    var bytesAtStart = 0
    var bytesAtEnd = 0

    static func measure(seed: UInt64, ticks: Int) -> TickCost {
        var world = TrafficWorld()
        world.tickSeconds = 1
        var stream = TrafficStream(world, seed: seed, index: 0)
        // Drawn before, so that only the judge is timed; used again and again with the time moved on.
        let recorded = (0..<1_000).map { _ in stream.next(share: Suite.share).judgeTick() }
        var simulation = RolloutSimulation(world: world, plan: .constant(Suite.share))
        simulation.limitSeconds = Double(ticks) * 2
        var judge = simulation.judge(seed: seed, index: 0)
        var t = 0
        func judgeSome(_ count: Int) -> Double {
            let start = processorSeconds
            for _ in 0..<count {
                var tick = recorded[t % recorded.count]
                t += 1
                tick.t = Double(t)
                _ = judge.judge(tick)
            }
            return (processorSeconds - start) * 1e6 / Double(count)
        }
        func median(_ count: Int) -> Double {
            (0..<blocks).map { _ in judgeSome(count / blocks) }.sorted()[blocks / 2]
        }
        var cost = TickCost()
        _ = judgeSome(measured)
        cost.bytesAtStart = size(judge)
        cost.microsecondsAtStart = median(measured)
        _ = judgeSome(max(0, ticks - 3 * measured))
        cost.microsecondsAtEnd = median(measured)
        cost.bytesAtEnd = size(judge)
        cost.ticks = t
        return cost
    }

    /// Of this thread, so that what else the machine does is left out.
    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static func size(_ judge: SequentialJudge) -> Int { (try? JSONEncoder().encode(judge).count) ?? 0 }
}
