/// Draws from a fixed table of weights in constant time (Walker 1977; Vose, "A linear algorithm for generating random
/// numbers with a given distribution", 1991).
public struct AliasTable: Sendable {
    private var thresholds: [Double]
    private var aliases: [Int]

    /// - Parameter weights: 0 or more each, at least one above 0.
    public init(weights: [Double]) {
        precondition(weights.contains { $0 > 0 }, "a table to draw from needs a weight above 0")
        let scale = Double(weights.count) / weights.reduce(0, +)
        thresholds = weights.map { $0 * scale }
        aliases = Array(weights.indices)
        var small = thresholds.indices.filter { thresholds[$0] < 1 }
        var large = thresholds.indices.filter { thresholds[$0] >= 1 }
        while let low = small.popLast(), let high = large.last {
            aliases[low] = high
            thresholds[high] -= 1 - thresholds[low]
            if thresholds[high] < 1 {
                large.removeLast()
                small.append(high)
            }
        }
        for index in small + large where aliases[index] == index { thresholds[index] = 1 }
    }

    /// An index of the weights.
    public func draw(_ random: inout SplitMix64) -> Int {
        let place = random.unit() * Double(thresholds.count)
        let index = Int(place)
        return place - Double(index) < thresholds[index] ? index : aliases[index]
    }
}
