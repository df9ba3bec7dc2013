import CanaryJudge
import DeliveryModel
import FoundationEssentials
import Glibc
import Testing

@testable import ControlPlane

@Suite struct DispersionHistoryTests {
    private typealias Counts = [String: InstanceMeasures]
    private let shop: ServiceName
    private let start = Timestamp(microseconds: 1_699_999_800_000_000)
    private let blockSeconds = 300

    init() throws { shop = try #require(ServiceName("shop")) }

    private func at(_ seconds: Int) -> Timestamp { start + .seconds(seconds) }
    private func block(_ number: Int, _ counts: Counts) -> DispersionHistory.Block {
        .init(service: shop, start: at(number * blockSeconds), instances: counts)
    }
    private let uneven: Counts = ["a": .init(requests: 100, bad: 9), "b": .init(requests: 100, bad: 1)]
    private let quiet: Counts = ["a": .init(requests: 100), "b": .init(requests: 100)]

    // MARK: The estimate

    /// Bad requests of 4 instances in blocks, in clusters of these sizes, each on one instance.
    private func phi(sizes: [Double], blocks: Int, seed: UInt64) throws -> Dispersion.Estimate {
        var random = Seeded(state: seed)
        var history = DispersionHistory()
        for number in 0..<blocks {
            for step in 0..<3 {
                var counts: Counts = [:]
                // Each instance takes its own share of the traffic.
                for (index, id) in ["a", "b", "c", "d"].enumerated() {
                    let requests = 400 * (index + 1)
                    let mean = sizes.reduce(0, +) / Double(sizes.count)
                    var bad = 0.0
                    let clusters = random.poisson(Double(requests) * 0.02 / mean)
                    for _ in 0..<clusters { bad += sizes.randomElement(using: &random) ?? 0 }
                    counts[id] = .init(requests: UInt64(requests), bad: UInt64(bad))
                }
                _ = history.add(service: shop, counts: counts, at: at(number * blockSeconds + step * 100))
            }
        }
        _ = history.add(service: shop, counts: [:], at: at(blocks * blockSeconds))
        return try #require(history.estimate(service: shop))
    }

    /// The dispersion of clusters that come independently is `E[c^2] / E[c]`.
    @Test(arguments: [([1], 1), ([6], 6), ([1, 11], 61.0 / 6), ([1, 1, 1, 1, 6], 4)] as [([Double], Double)])
    func clustersAreMeasured(sizes: [Double], expected: Double) throws {
        for seed in UInt64(1)...5 {
            let estimate = try phi(sizes: sizes, blocks: 288, seed: seed)
            // 864 degrees of freedom: a standard deviation of about 5 %, more for sizes that differ.
            #expect(abs(estimate.phi / expected - 1) < 0.25, "seed \(seed): \(estimate.phi)")
            #expect(estimate.historySeconds == 86_400 && estimate.instances == 4)
            #expect(estimate.cautious == estimate.phi, "a day of four instances needs no caution")
        }
    }

    @Test func anHourIsMeasuredWithCaution() throws {
        let estimate = try phi(sizes: [6], blocks: 12, seed: 7)
        #expect(estimate.phi > 3 && estimate.phi < 10)
        #expect(estimate.historySeconds == 3_600)
        #expect(estimate.cautious == 1.5 * estimate.phi)
    }

    @Test func theExpectationFollowsTheShareOfRequests() {
        var history = DispersionHistory()
        let counts: Counts = [
            "a": .init(requests: 300, bad: 3), "b": .init(requests: 100, bad: 1), "idle": .init(requests: 0, bad: 0),
        ]
        for number in 0..<4 { _ = history.add(service: shop, counts: counts, at: at(number * blockSeconds)) }
        #expect(history.estimate(service: shop) == .init(phi: 1, historySeconds: 900, instances: 2))
    }

    @Test func lessThanTenMinutesToCompareIsNoEstimate() {
        var history = DispersionHistory()
        var estimates: [Double?] = []
        for counts in [uneven, quiet, ["a": .init(requests: 9, bad: 9)], uneven, uneven] {
            _ = history.add(service: shop, counts: counts, at: at(estimates.count * blockSeconds))
            estimates.append(history.estimate(service: shop)?.historySeconds)
        }
        // Neither a block without bad requests nor one of a single instance can be compared.
        #expect(estimates == [nil, nil, nil, nil, 600])
        // Half an hour may pass without news: the running block waits until it is closed.
        _ = history.add(service: shop, counts: [:], at: at(4 * blockSeconds + 1_800))
        #expect(history.estimate(service: shop)?.historySeconds == 900)
    }

    @Test func quietBlocksAreHistoryOnceAnHourCanBeCompared() {
        var history = DispersionHistory()
        for number in 0..<50 {
            _ = history.add(
                service: shop, counts: number % 4 == 0 ? uneven : quiet, at: at(number * blockSeconds))
        }
        #expect(history.estimate(service: shop)?.historySeconds == 14_700)
        #expect(abs((history.estimate(service: shop)?.phi ?? 0) - 6.4) < 1e-9)
        #expect(ServiceName("other").flatMap { history.estimate(service: $0) } == nil)
    }

    // MARK: Blocks

    @Test func blocksBeginOnTheClock() {
        var history = DispersionHistory()
        #expect(history.add(service: shop, counts: [:], at: at(10)).isEmpty)
        #expect(history.add(service: shop, counts: uneven, at: at(20)).isEmpty)
        #expect(history.add(service: shop, counts: uneven, at: at(299)).isEmpty)
        let doubled: Counts = ["a": .init(requests: 200, bad: 18), "b": .init(requests: 200, bad: 2)]
        #expect(history.add(service: shop, counts: quiet, at: at(300)) == [block(0, doubled)])
        #expect(history.add(service: shop, counts: [:], at: at(599)).isEmpty)
        #expect(history.add(service: shop, counts: [:], at: at(600)) == [block(1, quiet)])
        #expect(history.add(service: shop, counts: [:], at: at(900)).isEmpty, "nothing was counted")
    }

    @Test func anotherBaselineBeginsItsBlockAnew() throws {
        let releases = try ["1", "2"].map { try #require(ReleaseDigest(String(repeating: $0, count: 64))) }
        var history = DispersionHistory()
        _ = history.add(service: shop, release: releases[0], counts: uneven, at: at(0))
        _ = history.add(service: shop, release: releases[1], counts: quiet, at: at(100))
        #expect(
            history.add(service: shop, release: releases[0], counts: uneven, at: at(300)) == [block(0, quiet)],
            "a change at the border closes the block of the one before")
    }

    @Test func aSmallStepBackStaysInTheBlock() {
        var history = DispersionHistory()
        _ = history.add(service: shop, counts: quiet, at: at(300))
        #expect(history.add(service: shop, counts: uneven, at: at(299)).isEmpty)
        let both: Counts = ["a": .init(requests: 200, bad: 9), "b": .init(requests: 200, bad: 1)]
        #expect(history.add(service: shop, counts: [:], at: at(600)) == [block(1, both)])
    }

    @Test func aClockSetBackForgetsTheFutureAndCountsAnew() {
        var history = DispersionHistory()
        for number in 0..<10 { _ = history.add(service: shop, counts: uneven, at: at(number * blockSeconds)) }
        #expect(history.estimate(service: shop)?.historySeconds == 2_700)
        #expect(history.add(service: shop, counts: quiet, at: at(4 * blockSeconds)).isEmpty)
        #expect(history.estimate(service: shop)?.historySeconds == 1_500, "blocks 0 to 4")
        #expect(history.add(service: shop, counts: quiet, at: at(5 * blockSeconds)) == [block(4, quiet)])
        #expect(history.estimate(service: shop)?.historySeconds == 1_200, "block 4 is quiet now")
    }

    @Test func aClockSetForwardForgetsWhatIsADayOld() {
        var history = DispersionHistory()
        for number in 0..<10 { _ = history.add(service: shop, counts: uneven, at: at(number * blockSeconds)) }
        let closed = history.add(service: shop, counts: uneven, at: at(293 * blockSeconds))
        #expect(closed == [block(9, uneven)])
        #expect(history.estimate(service: shop)?.historySeconds == 1_500, "blocks 5 to 9")
        for extreme in [Int64.max / 4, Int64.min / 4, -1, 0] {
            _ = history.add(service: shop, counts: uneven, at: Timestamp(microseconds: extreme))
        }
        #expect(history.estimate(service: shop) == nil)
    }

    @Test func whatWasStoredIsLoadedAgain() throws {
        var history = DispersionHistory()
        var stored: [DispersionHistory.Block] = []
        for number in 0..<40 {
            let counts: Counts = ["a": .init(requests: 50, bad: UInt64(number % 7)), "b": .init(requests: 150, bad: 3)]
            stored += history.add(service: shop, counts: counts, at: at(number * blockSeconds + 7))
        }
        let lines = try stored.map { try JSONEncoder().encode($0) }
        let read = try lines.map { try JSONDecoder().decode(DispersionHistory.Block.self, from: $0) }
        #expect(read == stored && read.count == 39)
        let now = at(39 * blockSeconds + 8)
        var loaded = DispersionHistory(stored: read.shuffled(), at: now)
        #expect(loaded.estimate(service: shop) == history.estimate(service: shop))
        #expect(loaded.estimate(service: shop)?.historySeconds == 11_700)
        let future = [block(41, uneven), block(-300, uneven), block(-9, [:])]
        #expect(DispersionHistory(stored: future + read, at: now).estimate(service: shop)?.historySeconds == 11_700)
        _ = loaded.add(service: shop, counts: uneven, at: now)
        #expect(loaded.add(service: shop, counts: [:], at: at(40 * blockSeconds)) == [block(39, uneven)])
        #expect(loaded.estimate(service: shop)?.historySeconds == 12_000)
    }

    // MARK: Bounds

    @Test func aDayIsKept() {
        var history = DispersionHistory()
        for number in 0..<700 { _ = history.add(service: shop, counts: uneven, at: at(number * blockSeconds)) }
        #expect(history.estimate(service: shop)?.historySeconds == 86_400)
    }

    @Test func aBlockHasAHundredInstances() {
        var history = DispersionHistory()
        let many = Counts(uniqueKeysWithValues: (100..<300).map { ("i\($0)", .init(requests: .max, bad: 1)) })
        _ = history.add(service: shop, counts: many, at: at(0))
        _ = history.add(service: shop, counts: many, at: at(1))
        _ = history.add(service: shop, counts: ["late": .init(requests: 1)], at: at(2))
        let closed = history.add(service: shop, counts: [:], at: at(300))
        #expect(closed.first?.instances.count == 100)
        #expect(closed.first?.instances["i100"] == .init(requests: .max, bad: 2))
        #expect(closed.first?.instances["i199"] != nil && closed.first?.instances["late"] == nil)
    }

    @Test func aThousandServicesAreKept() throws {
        var history = DispersionHistory()
        let names = try (0...1_000).map { try #require(ServiceName("s\($0)")) }
        for number in 0..<4 {
            for name in names.dropLast() { _ = history.add(service: name, counts: uneven, at: at(number * 300)) }
        }
        for name in names.dropFirst(2) { _ = history.add(service: name, counts: uneven, at: at(901)) }
        #expect(history.estimate(service: names[0]) == nil || history.estimate(service: names[1]) == nil)
        #expect(names[2..<1_000].allSatisfy { history.estimate(service: $0) != nil })
    }

    @Test func theLargestServiceLosesItsOldestBlocksFirst() throws {
        let counts = Counts(uniqueKeysWithValues: (0..<100).map { ("i\($0)", .init(requests: 10, bad: 1)) })
        let large = try (0..<10).map { try #require(ServiceName("large\($0)")) }
        let stored = (0..<288).flatMap { number in
            [block(number, uneven)]
                + large.map { .init(service: $0, start: at(number * blockSeconds), instances: counts) }
        }
        var history = DispersionHistory(stored: stored, at: at(288 * blockSeconds))
        _ = history.add(service: large[3], counts: counts, at: at(288 * blockSeconds))
        _ = history.add(service: large[3], counts: counts, at: at(289 * blockSeconds))
        #expect(history.estimate(service: shop)?.historySeconds == 86_400)
        for name in large {
            let seconds = try #require(history.estimate(service: name)?.historySeconds)
            #expect(abs(seconds - 60_000) <= 1_200, "\(seconds)")
        }
    }
}

/// Seeded numbers (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Knuth's method: the product of uniform numbers falls below `e^-mean` after as many as there are arrivals.
    mutating func poisson(_ mean: Double) -> Int {
        let limit = exp(-mean)
        var (count, product) = (0, unit())
        while product > limit {
            product *= unit()
            count += 1
        }
        return count
    }

    private mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
