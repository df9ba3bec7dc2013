import DeliveryModel
import FoundationEssentials
import Synchronization

/// One request as the person who made it saw it.
struct LoadSample: Sendable, Equatable {
    /// When it was to be sent; later than that only if every connection was busy.
    var due: Timestamp
    /// When the answer began to arrive; when it failed, for a request without answer.
    var began: Timestamp
    var ended: Timestamp
    /// 0: no answer.
    var status: Int
    /// `x-nonevent-release` of the answer; empty when there was none.
    var release: String

    var isError: Bool { status == 0 || status >= 500 }
}

/// Every sample of one load, in the order of their ends.
final class LoadSamples: Sendable {
    private let kept = Mutex<[LoadSample]>([])

    func append(_ sample: LoadSample) { kept.withLock { $0.append(sample) } }

    /// Those after the first `count`.
    func after(_ count: Int) -> [LoadSample] { kept.withLock { Array($0.dropFirst(count)) } }

    var count: Int { kept.withLock { $0.count } }
}

extension Timestamp {
    /// The system's clock, which the journal's times are of, too.
    static var now: Timestamp { Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970) }
}
