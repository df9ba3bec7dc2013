/// When people push: mostly in office hours, and some changes to many services at once.
enum WorkingDay {
    /// Weight of each hour, UTC.
    private static let hours: [Double] = [
        1, 1, 1, 1, 1, 2, 4, 8, 14, 16, 16, 13, 9, 14, 16, 16, 14, 10, 6, 4, 3, 2, 2, 1,
    ]
    /// Part of the day's changes that come in bursts.
    private static let burstPart = 0.15
    private static let burstsADay = 10

    /// Times within the day, in milliseconds, in no order.
    static func pushes(_ mean: Double, _ random: inout SplitMix64) -> [Int64] {
        let single = Int(random.poisson(mean * (1 - burstPart)))
        var times = (0..<single).map { _ in moment(&random) }
        for _ in 0..<burstsADay {
            let start = moment(&random)
            for _ in 0..<Int(random.poisson(mean * burstPart / Double(burstsADay))) {
                times.append(min(86_399_999, start + Int64(random.unit() * 120_000)))
            }
        }
        return times
    }

    private static func moment(_ random: inout SplitMix64) -> Int64 {
        var left = random.unit() * hours.reduce(0, +)
        for (hour, weight) in hours.enumerated() {
            if left < weight { return Int64((Double(hour) + left / weight) * 3_600_000) }
            left -= weight
        }
        return 86_399_999
    }
}
