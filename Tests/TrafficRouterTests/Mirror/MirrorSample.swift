import DeliveryModel
import Testing

@testable import TrafficRouter

/// Answers, comparisons and reports for the tests of mirroring.
enum MirrorSample {
    static func json(_ body: String, status: Int = 200) -> ComparedAnswer {
        ComparedAnswer(
            status: status, fields: [.init(name: "Content-Type", value: Array("application/json".utf8))],
            body: Array(body.utf8))
    }

    static func answer(_ body: String, type: String = "text/plain", status: Int = 200) -> ComparedAnswer {
        ComparedAnswer(
            status: status, fields: [.init(name: "content-type", value: Array(type.utf8))], body: Array(body.utf8))
    }

    static func field(_ name: String, _ value: String) -> ComparedAnswer.Field {
        .init(name: name, value: Array(value.utf8))
    }

    /// Differences as `kind path`, in the order found.
    static func found(_ left: String, _ right: String, options: ComparisonOptions = .init()) -> [String] {
        found(json(left), json(right), options: options)
    }

    static func found(
        _ left: ComparedAnswer, _ right: ComparedAnswer, options: ComparisonOptions = .init()
    ) -> [String] {
        AnswerComparison.compare(primary: left, candidate: right, options: options).candidate.differences.map {
            let part = $0.key.part == .json ? "" : "\($0.key.part) "
            return "\(part)\($0.key.kind) \($0.key.path)"
        }
    }

    static func report() throws -> ComparisonReport {
        ComparisonReport(
            service: try #require(ServiceName("shop")), baseline: try digest("a"), candidate: try digest("b"))
    }

    static func digest(_ letter: String) throws -> ReleaseDigest {
        try #require(ReleaseDigest(String(repeating: letter, count: 64)))
    }
}

/// SplitMix64: chance that can be repeated.
struct MirrorChance: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func hits(_ probability: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < probability
    }
}
