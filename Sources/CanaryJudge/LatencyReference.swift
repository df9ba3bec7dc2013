import DeliveryModel
import Glibc

/// A recent latency distribution: requests by bucket `ceil(ln(seconds) / ln 1.025)`, each tick back counting 3 %
/// less.
///
/// Instead of shrinking everything at every tick, each tick's requests count more than those of the tick before: a
/// tick costs only its own entries.
struct LatencyReference: Sendable, Equatable {
    /// From 1 microsecond to 1 hour; what lies outside counts at the end.
    static let buckets = -560...332
    /// What a request still counts one tick later.
    static let factor = 0.97
    /// Requests below which nothing is forgotten.
    static let leastKept = 300.0
    private static let blockSize = 32
    private static let blockCount = (buckets.count + blockSize - 1) / blockSize
    /// Largest count of one entry, so that no sum overflows.
    private static let largestCount = 1e15
    /// Growth after which all weights are divided by it again; far below overflow even with the largest counts.
    private static let largestIncrement = 1e100
    /// Parts of the whole that are forgotten at a rescale.
    private static let negligible = 1e-12

    private var weights = [Double](repeating: 0, count: buckets.count)
    /// Sums of `weights` by blocks: a quantile is found without looking at every bucket.
    private var blocks = [Double](repeating: 0, count: blockCount)
    private var total = 0.0
    private var increment = 1.0

    init() {}

    /// Requests that the reference stands for, older ones counting less.
    var weight: Double { total / increment }

    /// Takes in one tick; one without requests changes nothing, so that silence does not wear the reference out.
    mutating func add(_ histogram: [Int: Double]) { _ = add(histogram, counting: .zero) }

    /// Takes in one tick and counts its requests in buckets above each of the limits, in the same pass.
    mutating func add(_ histogram: [Int: Double], counting limits: SIMD8<Double>) -> SIMD8<Double> {
        var over = SIMD8<Double>.zero
        guard !histogram.isEmpty else { return over }
        // At little traffic a fixed time would hold too few requests for a quantile.
        if weight > Self.leastKept { increment /= Self.factor }
        if increment > Self.largestIncrement { rescale() }
        for (key, value) in histogram where value > 0 {
            let bucket = min(Self.buckets.upperBound, max(Self.buckets.lowerBound, key))
            let count = min(Self.largestCount, value)
            over.replace(with: over + count, where: limits .< Double(bucket))
            let index = bucket - Self.buckets.lowerBound
            let added = count * increment
            weights[index] += added
            blocks[index / Self.blockSize] += added
            total += added
        }
        return over
    }

    private mutating func rescale() {
        let least = total * Self.negligible
        for block in blocks.indices { blocks[block] = 0 }
        total = 0
        for index in weights.indices where weights[index] > 0 {
            weights[index] = weights[index] > least ? weights[index] / increment : 0
            blocks[index / Self.blockSize] += weights[index]
            total += weights[index]
        }
        increment = 1
    }

    /// The largest bucket with at least `1 - q` of all requests in the buckets above it, so that even when all requests
    /// take equally long some lie above; the quantile itself is in the next bucket. `nil` while empty.
    func quantileBucket(_ q: Double) -> Int? {
        guard total > 0 else { return nil }
        // Just below, lest rounding move the quantile when exactly that many lie above.
        let needed = (1 - min(1, max(0, q))) * total * (1 - 1e-9)
        var above = 0.0
        var block = Self.blockCount - 1
        while block > 0, above + blocks[block] < needed {
            above += blocks[block]
            block -= 1
        }
        var index = min(weights.count, (block + 1) * Self.blockSize) - 1
        while index > 0, above + weights[index] < needed || weights[index] == 0 {
            above += weights[index]
            index -= 1
        }
        return index + Self.buckets.lowerBound - 1
    }

    /// The quantile in seconds, as the upper edge of its bucket; `nil` while empty.
    func seconds(_ q: Double) -> Double? { quantileBucket(q).map { Self.upperEdge(of: $0 + 1) } }

    static func upperEdge(of bucket: Int) -> Double { pow(LatencyBucket.ratio, Double(bucket)) }
}

// By hand: most buckets are empty at both ends, and what is stored must fit the code that reads it.
extension LatencyReference: Codable {
    private enum CodingKeys: String, CodingKey { case first, weights, blocks, total, increment }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let first = try container.decode(Int.self, forKey: .first)
        let stored = try container.decode([Double].self, forKey: .weights)
        blocks = try container.decode([Double].self, forKey: .blocks)
        total = try container.decode(Double.self, forKey: .total)
        increment = try container.decode(Double.self, forKey: .increment)
        guard first >= 0, stored.count <= weights.count, first <= weights.count - stored.count,
            blocks.count == Self.blockCount
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .weights, in: container, debugDescription: "expected at most \(weights.count) latency buckets")
        }
        weights.replaceSubrange(first..<first + stored.count, with: stored)
    }

    func encode(to encoder: any Encoder) throws {
        let first = weights.firstIndex { $0 > 0 } ?? 0
        let end = weights.lastIndex { $0 > 0 }.map { $0 + 1 } ?? first
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(first, forKey: .first)
        try container.encode(Array(weights[first..<end]), forKey: .weights)
        try container.encode(blocks, forKey: .blocks)
        try container.encode(total, forKey: .total)
        try container.encode(increment, forKey: .increment)
    }
}
