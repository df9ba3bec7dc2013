import DeliveryModel
import Glibc

/// How long requests take: lognormal, in the judge's buckets `ceil(ln(seconds) / ln 1.025)`.
public struct LatencyShape: Sendable {
    /// Width of a bucket on the scale of logarithms.
    public static let bucketWidth = log(LatencyBucket.ratio)
    /// The bucket that index 0 of ``LatencyCounts`` stands for: all of 2.7 ms and less.
    public static let firstBucket = -240
    public static let buckets = 340

    private let table: AliasTable

    /// - Parameters:
    ///   - median: seconds.
    ///   - sigma: standard deviation of the logarithm.
    ///   - scale: all times are multiplied by it.
    ///   - tail: the slowest 1.5 % are multiplied by it, so that the 99th percentile is.
    public init(median: Double = 0.05, sigma: Double = 0.5, scale: Double = 1, tail: Double = 1) {
        let center = log(median * scale)
        func below(_ logSeconds: Double) -> Double { Normal.distribution((logSeconds - center) / sigma) }
        let tailStart = center + sigma * Normal.quantile(1 - Self.tailPart)
        let weights = (0..<Self.buckets).map { index in
            let high = Double(index + Self.firstBucket) * Self.bucketWidth
            let low = index == 0 ? -Double.infinity : high - Self.bucketWidth
            guard tail != 1 else { return below(high) - below(low) }
            let shift = log(tail)
            let body = below(min(high, tailStart)) - below(min(low, tailStart))
            let slow = below(max(high - shift, tailStart)) - below(max(low - shift, tailStart))
            return body + slow
        }
        table = AliasTable(weights: weights.map { max(0, $0) })
    }

    static let tailPart = 0.015

    /// Adds `requests` requests to `counts`, each `shift` buckets slower than this shape says.
    func add(_ requests: Double, shiftedBy shift: Int = 0, to counts: inout LatencyCounts, _ random: inout SplitMix64) {
        for _ in 0..<Int(requests) {
            counts.add(index: min(Self.buckets - 1, max(0, table.draw(&random) + shift)))
        }
    }
}

/// Requests by bucket of latency, one number for each of ``LatencyShape/buckets``; empty when nothing was measured.
public struct LatencyCounts: Sendable, Equatable {
    public private(set) var numbers: [UInt32] = []
    public private(set) var total = 0.0

    public init() {}

    public var isEmpty: Bool { total == 0 }

    mutating func add(index: Int) {
        if numbers.isEmpty { numbers = [UInt32](repeating: 0, count: LatencyShape.buckets) }
        numbers[index] += 1
        total += 1
    }

    mutating func add(_ other: Self) {
        guard !other.isEmpty else { return }
        if numbers.isEmpty { numbers = [UInt32](repeating: 0, count: LatencyShape.buckets) }
        for index in other.numbers.indices { numbers[index] += other.numbers[index] }
        total += other.total
    }

    /// As the judge takes it: requests by the number of the bucket.
    public var byBucket: [Int: Double] {
        var buckets: [Int: Double] = [:]
        buckets.reserveCapacity(160)
        for (index, count) in numbers.enumerated() where count > 0 {
            buckets[index + LatencyShape.firstBucket] = Double(count)
        }
        return buckets
    }

    /// Seconds that the part `fraction` of requests stays below, within its bucket in proportion, as Prometheus'
    /// `histogram_quantile` does; NaN without requests.
    public func quantile(_ fraction: Double) -> Double {
        guard !isEmpty else { return .nan }
        let rank = fraction * total
        var below = 0.0
        for (index, count) in numbers.enumerated() where count > 0 {
            if below + Double(count) >= rank {
                let part = max(0, rank - below) / Double(count)
                return exp((Double(index + LatencyShape.firstBucket - 1) + part) * LatencyShape.bucketWidth)
            }
            below += Double(count)
        }
        return .nan
    }
}
