import DeliveryModel
import Glibc

/// Does the service, both arms together, burn its error budget? Multi-window, multi-burn-rate alerts: Google's "Site
/// Reliability Workbook", chapter 5, for an objective over 30 days. The long window says that it matters, the short one
/// that it still goes on.
struct BurnRateRule: Sendable, Equatable, Codable {
    /// Two windows that must burn together.
    struct Pair: Sendable, Equatable, Codable {
        var longSeconds: Double
        var shortSeconds: Double
        /// Times the rate of errors that would use up the budget in exactly the objective's period.
        var factor: Double
        /// Wakes somebody; otherwise it is for tomorrow.
        var isPage: Bool
    }

    /// Burns of one pair, as multiples of the budget's rate.
    struct Burn: Sendable, Equatable, Codable {
        var pair: Pair
        var long: Double
        var short: Double
        var baselineLong: Double
        var baselineShort: Double
    }

    /// Pages first.
    static let pairs = [
        Pair(longSeconds: 3600, shortSeconds: 300, factor: 14.4, isPage: true),
        Pair(longSeconds: 21_600, shortSeconds: 1800, factor: 6, isPage: true),
        Pair(longSeconds: 86_400, shortSeconds: 7200, factor: 3, isPage: false),
        Pair(longSeconds: 259_200, shortSeconds: 21_600, factor: 1, isPage: false),
    ]
    /// Bad requests in the short window of a page: a handful of errors at low traffic is no alarm.
    static let leastBad = 20.0
    private static let lengths: [Double] = [300, 1800, 3600, 7200, 21_600, 86_400, 259_200]
    /// For the evidence of no errors at all, whose logarithm would not be finite.
    private static let leastEvidence = 1e-6

    private let budget: Double
    private var windows: [BurnWindow]
    private var start: Double?
    private var latest = 0.0

    /// - Parameter budget: part of requests that may be bad, 1 - SLO.
    init(budget: Double) {
        self.budget = budget.isFinite ? min(1, max(1e-9, budget)) : 0.001
        windows = Self.lengths.map(BurnWindow.init)
    }

    /// Takes in one tick.
    ///
    /// - Parameters:
    ///   - t: seconds; one before the latest counts as the latest.
    ///   - bad: bad requests of both arms.
    ///   - requests: requests of both arms.
    mutating func observe(t: Double, bad: Double, requests: Double, baselineBad: Double, baselineRequests: Double) {
        guard t.isFinite else { return }
        latest = start == nil ? t : max(latest, t)
        start = start ?? t
        func count(_ number: Double) -> Double { number > 0 ? min(1e15, number) : 0 }
        let counts = SIMD4(count(bad), count(requests), count(baselineBad), count(baselineRequests))
        for index in windows.indices { windows[index].add(counts, at: latest) }
    }

    /// What the pair's windows burn.
    func burn(_ pair: Pair) -> Burn {
        let (long, short) = (window(pair.longSeconds), window(pair.shortSeconds))
        return Burn(
            pair: pair, long: rate(long, bad: 0), short: rate(short, bad: 0), baselineLong: rate(long, bad: 2),
            baselineShort: rate(short, bad: 2))
    }

    /// The first pair that fires, pages first.
    var firing: Pair? { Self.pairs.first { strength($0, bad: 0) >= 1 } }

    /// Whether the baseline may burn half as fast as that pair allows, or faster: then both arms burn, and the cause is
    /// elsewhere. A few good requests prove little: three bad ones more than seen ("rule of three").
    ///
    /// - Parameter isFull: the candidate has all traffic; what is remembered of the baseline counts as it is.
    func baselineBurns(isFull: Bool) -> Bool {
        guard let pair = firing else { return false }
        let (long, short) = (window(pair.longSeconds), window(pair.shortSeconds))
        if isFull { return rate(long, bad: 2) >= pair.factor / 2 }
        return min(rate(long, bad: 2, more: 3), rate(short, bad: 2, more: 3)) >= pair.factor / 2
    }

    /// How close the nearest page is: logarithm of its weaker window's burn over the factor.
    var evidence: RuleEvidence {
        var largest = Self.leastEvidence
        for pair in Self.pairs where pair.isPage { largest = max(largest, strength(pair, bad: 0)) }
        return RuleEvidence(lnE: log(largest), threshold: 0)
    }

    /// At least 1 when the pair fires.
    private func strength(_ pair: Pair, bad: Int) -> Double {
        let (long, short) = (window(pair.longSeconds), window(pair.shortSeconds))
        let burning = min(rate(long, bad: bad), rate(short, bad: bad)) / pair.factor
        return pair.isPage ? min(burning, short.sum[bad] / Self.leastBad) : burning
    }

    private func window(_ seconds: Double) -> BurnWindow {
        windows[Self.lengths.firstIndex(of: seconds) ?? 0]
    }

    /// Burn of a window. The part of it before the first tick counts as traffic at the same rate without errors.
    ///
    /// - Parameter bad: where the bad requests are in the sums, 0 or 2; all requests come next.
    /// - Parameter more: bad requests to add to those that were seen.
    private func rate(_ window: BurnWindow, bad: Int, more: Double = 0) -> Double {
        guard let start, window.sum[bad + 1] + more > 0 else { return 0 }
        let covered = min(1, (latest - start) / window.seconds)
        return min(1, (window.sum[bad] + more) / (window.sum[bad + 1] + more)) / budget * covered
    }
}

/// Sums over the last seconds, in at most 60 slots.
struct BurnWindow: Sendable, Equatable, Codable {
    private static let slotCount = 60

    let seconds: Double
    /// Of all slots: bad, requests, and the same of the baseline.
    private(set) var sum = SIMD4<Double>.zero
    private var slots: [SIMD4<Double>] = []
    private var head = 0
    /// Slots since second 0, at `head`.
    private var number = 0.0

    init(seconds: Double) { self.seconds = seconds }

    /// - Parameter t: seconds, never less than before.
    mutating func add(_ counts: SIMD4<Double>, at t: Double) {
        advance(to: (t / (seconds / Double(Self.slotCount))).rounded(.down))
        slots[head] += counts
        sum += counts
    }

    private mutating func advance(to next: Double) {
        let steps = slots.isEmpty ? Double(Self.slotCount) : next - number
        if steps >= Double(Self.slotCount) {
            slots.removeAll(keepingCapacity: true)
            slots.append(.zero)
            (head, sum) = (0, .zero)
        } else {
            for _ in 0..<max(0, Int(steps)) { openSlot() }
        }
        number = max(number, next)
    }

    private mutating func openSlot() {
        if slots.count < Self.slotCount {
            slots.append(.zero)
            head = slots.count - 1
            return
        }
        head = (head + 1) % Self.slotCount
        slots[head] = .zero
        // Summed anew rather than subtracted from: that would leave rounding errors behind for ever.
        sum = slots.reduce(.zero, +)
    }
}
