import DeliveryModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What one event loop has counted for one release. Touched by that loop only, so without locks.
struct ReleaseCounts {
    private(set) var requests: UInt64 = 0
    private(set) var bad: UInt64 = 0
    private(set) var statusClasses: [UInt64] = [0, 0, 0, 0, 0]
    private var latency: [UInt64] = []

    /// - Parameter nanoseconds: from head received to last byte written.
    mutating func record(status: Int, bad isBad: Bool, nanoseconds: Int64) {
        requests += 1
        if isBad { bad += 1 }
        statusClasses[min(4, max(0, status / 100 - 1))] += 1
        if latency.isEmpty { latency = Array(repeating: 0, count: LatencyBuckets.range.count) }
        latency[LatencyBuckets.bucket(nanoseconds: nanoseconds) - LatencyBuckets.range.lowerBound] += 1
    }

    /// Adds these counts to `sum`.
    func add(to sum: inout ReleaseMeasures) {
        sum.requests += requests
        sum.bad += bad
        for index in statusClasses.indices { sum.statusClasses[index] += statusClasses[index] }
        for (offset, count) in latency.enumerated() where count > 0 {
            sum.latency[LatencyBuckets.range.lowerBound + offset, default: 0] += count
        }
    }
}

/// Buckets as `DeliveryModel.LatencyBucket` lays them, limited to 1 microsecond to one hour.
enum LatencyBuckets {
    static let range = -560...332
    private static let inverseLogRatio = 1 / log(LatencyBucket.ratio)

    static func bucket(nanoseconds: Int64) -> Int {
        guard nanoseconds > 1_000 else { return range.lowerBound }
        let index = Int((log(Double(nanoseconds) * 1e-9) * inverseLogRatio).rounded(.up))
        return min(range.upperBound, max(range.lowerBound, index))
    }

    /// Upper border of a bucket in seconds.
    static func upperBound(_ bucket: Int) -> Double { pow(LatencyBucket.ratio, Double(bucket)) }
}

extension TrafficMeasures {
    /// Adds what another event loop of the same router counted.
    mutating func merge(_ other: TrafficMeasures) {
        unmatched += other.unmatched
        for (service, releases) in other.services {
            for (digest, counts) in releases {
                services[service, default: [:]][digest, default: .init()].merge(counts)
            }
        }
    }
}

extension ReleaseMeasures {
    mutating func merge(_ other: ReleaseMeasures) {
        requests += other.requests
        bad += other.bad
        for index in statusClasses.indices { statusClasses[index] += other.statusClasses[index] }
        latency.merge(other.latency, uniquingKeysWith: +)
        inFlight.merge(other.inFlight, uniquingKeysWith: +)
        instances.merge(other.instances) { left, right in
            InstanceMeasures(requests: left.requests + right.requests, bad: left.bad + right.bad)
        }
    }
}

extension InstanceMeasures {
    mutating func record(bad isBad: Bool) {
        requests += 1
        if isBad { bad += 1 }
    }
}
