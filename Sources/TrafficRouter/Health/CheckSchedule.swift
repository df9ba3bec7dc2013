/// When the checks of one instance are due.
///
/// The first one falls somewhere in the first interval and each later one an interval after the one before, more or
/// less some jitter. Both are drawn from the instance's seed, so that a thousand instances that came with one table are
/// spread over the interval, stay spread, and a test can foretell them.
struct CheckSchedule: Sendable, Equatable {
    /// When the next check begins.
    private(set) var due: UInt64
    /// When the check under way has taken too long; `nil`: none is under way.
    private(set) var deadline: UInt64?
    private let seed: UInt64
    private var round: UInt64 = 0

    /// - Parameter seed: a hash of what names the instance.
    init(seed: UInt64, now: UInt64, settings: HealthSettings) {
        self.seed = seed
        due = now + Self.mix(seed) % settings.effectiveInterval
    }

    /// The same in every process, unlike a hash of the standard library: FNV-1a over the parts, mixed.
    static func seed(host: String, port: Int, id: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for part in [host, String(port), id] {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01b3
        }
        return mix(hash)
    }

    var isUnderWay: Bool { deadline != nil }

    /// A check begins now.
    /// - Returns: when it must be over.
    mutating func begin(now: UInt64, settings: HealthSettings) -> UInt64 {
        let end = now + settings.effectiveTimeout
        deadline = end
        // Counted from when it was due, not from when the loop came to it: delays do not add up.
        let planned = due + gap(settings)
        due = planned > now ? planned : now + gap(settings)
        return end
    }

    /// The check under way is over. One that took longer than the interval is followed by the next at once, never by
    /// two at a time.
    mutating func end(now: UInt64) {
        deadline = nil
        due = max(due, now)
    }

    /// The interval is another one from now on: the next check falls somewhere in it.
    mutating func intervalChanged(now: UInt64, settings: HealthSettings) {
        due = now + Self.mix(seed) % settings.effectiveInterval
    }

    private mutating func gap(_ settings: HealthSettings) -> UInt64 {
        let interval = settings.effectiveInterval
        let reach = interval / 10_000 * UInt64(min(max(settings.jitterBasisPoints, 0), 5_000))
        round &+= 1
        return interval - reach + Self.mix(seed &+ round) % (2 * reach + 1)
    }

    /// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): neighbouring seeds give
    /// unrelated numbers.
    private static func mix(_ seed: UInt64) -> UInt64 {
        var bits = seed &+ 0x9e37_79b9_7f4a_7c15
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
