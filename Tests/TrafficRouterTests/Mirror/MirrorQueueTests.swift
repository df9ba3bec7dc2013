import DeliveryModel
import Testing

@testable import TrafficRouter

@Suite struct MirrorQueueTests {
    static func queue(_ change: (inout MirrorLimits) -> Void = { _ in }) -> MirrorQueue<Int> {
        var limits = MirrorLimits()
        change(&limits)
        return MirrorQueue(limits: limits)
    }

    @Test func firstInFirstOut() {
        var queue = Self.queue { $0.maxQueued = 3 }
        for round in 0..<10 {
            #expect(queue.offer(round, bytes: 1, workerInFlight: 0, now: 0) == nil)
            #expect(queue.offer(round + 100, bytes: 1, workerInFlight: 0, now: 0) == nil)
            #expect(queue.next(workerInFlight: 0, now: 0) == round)
            #expect(queue.next(workerInFlight: 0, now: 0) == round + 100)
            #expect(queue.next(workerInFlight: 0, now: 0) == nil)
            queue.finished()
            queue.finished()
        }
        #expect(queue.drops == [:] && queue.bytes == 0)
    }

    @Test func theNewestIsDroppedWhenFull() {
        var queue = Self.queue { $0.maxQueued = 2 }
        #expect(queue.offer(1, bytes: 1, workerInFlight: 0, now: 0) == nil)
        #expect(queue.offer(2, bytes: 1, workerInFlight: 0, now: 0) == nil)
        #expect(queue.offer(3, bytes: 1, workerInFlight: 0, now: 0) == .queueFull)
        #expect(queue.next(workerInFlight: 0, now: 0) == 1)
        #expect(queue.drops == [.queueFull: 1])
    }

    @Test func copiesUnderWayCountAsQueued() {
        var queue = Self.queue { $0.maxQueued = 2 }
        for item in 1...2 { _ = queue.offer(item, bytes: 1, workerInFlight: 0, now: 0) }
        _ = queue.next(workerInFlight: 0, now: 0)
        #expect(queue.offer(3, bytes: 1, workerInFlight: 0, now: 0) == .queueFull)
        queue.finished()
        #expect(queue.offer(4, bytes: 1, workerInFlight: 0, now: 0) == nil)
    }

    @Test func itGrowsWithWhatWaits() {
        var queue = Self.queue { $0.maxQueued = 1_000 }
        for item in 0..<10 { _ = queue.offer(item, bytes: 1, workerInFlight: 0, now: 0) }
        for item in 0..<5 {
            #expect(queue.next(workerInFlight: 0, now: 0) == item)
            queue.finished()
        }
        for item in 10..<1_005 { #expect(queue.offer(item, bytes: 1, workerInFlight: 0, now: 0) == nil) }
        #expect(queue.offer(1_005, bytes: 1, workerInFlight: 0, now: 0) == .queueFull)
        for item in 5..<1_005 {
            #expect(queue.next(workerInFlight: 0, now: 0) == item)
            queue.finished()
        }
    }

    @Test func bytesAreBounded() {
        var queue = Self.queue { $0.maxQueuedBytes = 10 }
        #expect(queue.offer(1, bytes: 11, workerInFlight: 0, now: 0) == .queueBytesFull)
        #expect(queue.offer(1, bytes: 6, workerInFlight: 0, now: 0) == nil)
        #expect(queue.offer(2, bytes: 5, workerInFlight: 0, now: 0) == .queueBytesFull)
        #expect(queue.offer(3, bytes: 4, workerInFlight: 0, now: 0) == nil)
        #expect(queue.bytes == 10)
        #expect(queue.next(workerInFlight: 0, now: 0) == 1)
        #expect(queue.offer(4, bytes: 6, workerInFlight: 0, now: 0) == nil)
        #expect(queue.drops == [.queueBytesFull: 2])
    }

    @Test func underLoadEverythingIsDropped() {
        var queue = Self.queue { $0.maxWorkerInFlight = 10 }
        for item in 0..<5 { #expect(queue.offer(item, bytes: 1, workerInFlight: 9, now: 0) == nil) }
        #expect(queue.next(workerInFlight: 10, now: 0) == nil)
        #expect(queue.drops == [.overload: 5] && queue.count == 0 && queue.bytes == 0)
        #expect(queue.offer(6, bytes: 1, workerInFlight: 9, now: 0) == nil)
        #expect(queue.offer(7, bytes: 1, workerInFlight: 10, now: 0) == .overload)
        #expect(queue.drops == [.overload: 7] && queue.count == 0)
    }

    @Test func onlySoManyAreSentAtOnce() {
        var queue = Self.queue { $0.maxInFlight = 1 }
        for item in 0..<2 { _ = queue.offer(item, bytes: 1, workerInFlight: 0, now: 0) }
        #expect(queue.next(workerInFlight: 0, now: 0) == 0)
        #expect(queue.next(workerInFlight: 0, now: 0) == nil)
        queue.finished()
        #expect(queue.next(workerInFlight: 0, now: 0) == 1)
    }

    @Test func whoWaitedTooLongIsDropped() {
        var queue = Self.queue { $0.maxWait = .seconds(1) }
        _ = queue.offer(1, bytes: 1, workerInFlight: 0, now: 0)
        _ = queue.offer(2, bytes: 1, workerInFlight: 0, now: 500_000_000)
        #expect(queue.next(workerInFlight: 0, now: 1_000_000_001) == 2)
        #expect(queue.drops == [.stale: 1])
    }

    @Test func copiesForAReleaseThatLeftAreDropped() {
        var queue = Self.queue { $0.maxQueued = 6 }
        for item in 0..<3 { _ = queue.offer(item, bytes: 1, workerInFlight: 0, now: 0) }
        for _ in 0..<3 {
            _ = queue.next(workerInFlight: 0, now: 0)
            queue.finished()
        }
        for item in 0..<6 { _ = queue.offer(item, bytes: item, workerInFlight: 0, now: 0) }
        queue.removeAll(.superseded) { $0 % 2 == 0 }
        #expect(queue.drops == [.superseded: 3] && queue.count == 3 && queue.bytes == 9)
        #expect([1, 3, 5].allSatisfy { queue.next(workerInFlight: 0, now: 0) == $0 })
        queue.removeAll(.superseded)
        #expect(queue.drops == [.superseded: 3])
    }

    @Test func whatIsOfferedIsSentOrDropped() {
        var chance = MirrorChance(seed: 3)
        var queue = Self.queue {
            $0.maxQueued = 7
            $0.maxQueuedBytes = 100
            $0.maxInFlight = 3
            $0.maxWorkerInFlight = 90
            $0.maxWait = .nanoseconds(20)
        }
        var (offered, sent) = (0, 0)
        for now in 0..<50_000 as Range<Int64> {
            let load = Int(chance.next() % 100)
            switch chance.next() % 4 {
            case 0, 1:
                offered += 1
                _ = queue.offer(offered, bytes: Int(chance.next() % 40), workerInFlight: load, now: now)
            case 2: if queue.next(workerInFlight: load, now: now) != nil { sent += 1 }
            default: if queue.inFlight > 0 { queue.finished() }
            }
            #expect(queue.count + queue.inFlight <= 7 && queue.inFlight <= 3)
            #expect((0...100).contains(queue.bytes))
            if queue.count == 0 { #expect(queue.bytes == 0) }
        }
        let dropped = queue.drops.values.reduce(0, +)
        #expect(offered == sent + Int(dropped) + queue.count)
        #expect(Set(queue.drops.keys).isSuperset(of: [.queueFull, .queueBytesFull, .overload, .stale]))
    }
}
