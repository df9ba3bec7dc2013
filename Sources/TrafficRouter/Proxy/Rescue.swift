import DeliveryModel
import NIOCore

/// Whether the baseline stands by to answer what the candidate fails to.
enum Rescue {
    case none
    case armed(by: LiveRelease, RescuePolicy)

    var isArmed: Bool { if case .armed = self { true } else { false } }

    /// Longest body that is kept for the second attempt, in bytes.
    var maximumBody: Int { if case .armed(_, let policy) = self { policy.maxBodyBytes } else { 0 } }
}

extension Rescue {
    /// Armed for a request that the split or a rule sent to the candidate, if it may be repeated and there is a
    /// baseline.
    init(_ head: RequestHead, _ choice: RouteChoice) {
        let service = choice.service
        guard !choice.isNamed, choice.release === service.candidate, let baseline = service.baseline,
            service.routed.rescue.enabled, !head.wantsUpgrade, Self.mayRepeat(head, service.routed.rescue)
        else {
            self = .none
            return
        }
        self = .armed(by: baseline, service.routed.rescue)
    }

    private static func mayRepeat(_ head: RequestHead, _ policy: RescuePolicy) -> Bool {
        if case .length(let count) = head.framing, count > UInt64(max(0, policy.maxBodyBytes)) { return false }
        if head.has(.idempotencyKey) { return true }
        return switch head.method {
        case .get: policy.repeats.get
        case .head: policy.repeats.head
        case .options: policy.repeats.options
        case .connect, .trace: false
        default: policy.methods.contains(head.string(head.methodRange))
        }
    }
}

extension RescuePolicy {
    /// The safe methods looked up without making a text of the request's.
    fileprivate var repeats: (get: Bool, head: Bool, options: Bool) {
        (methods.contains("GET"), methods.contains("HEAD"), methods.contains("OPTIONS"))
    }
}

/// How many requests may be rescued: a part of those that the candidate gets, and always a few a second.
///
/// Each event loop has its own; so what is written holds for each.
struct RescueBudget {
    /// Savings of quiet times, in rescues.
    private static let most = 100.0

    private var saved = 0.0
    private var second: UInt64 = 0
    private var takenThisSecond = 0

    mutating func noteRequest(_ policy: RescuePolicy) {
        saved = min(Self.most, saved + Double(policy.budgetBasisPoints.basisPoints) / 10_000)
    }

    /// - Returns: whether one more may be rescued now.
    mutating func take(_ policy: RescuePolicy, now: NIODeadline) -> Bool {
        let current = now.uptimeNanoseconds / 1_000_000_000
        if current != second { (second, takenThisSecond) = (current, 0) }
        if takenThisSecond < policy.minimumPerSecond {
            takenThisSecond += 1
            // What a share would have allowed is not saved up beside it.
            saved = max(0, saved - 1)
            return true
        }
        guard saved >= 1 else { return false }
        saved -= 1
        return true
    }
}
