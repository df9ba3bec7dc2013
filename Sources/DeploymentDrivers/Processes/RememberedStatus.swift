import DeliveryModel
import Glibc

/// What a shim said of a running program, for as long as it would say the same: it writes its state at every change, so
/// a look at file and process does for the question. Hundreds of shims need not be woken each second.
struct RememberedStatus: Sendable {
    /// After that the shim is asked all the same: it may hang, or its pid be another's.
    static let validity = Duration.seconds(5)

    let status: InstanceStatus
    /// Of `state.json`, taken before the shim was asked.
    private let mark: String
    private let since: ContinuousClock.Instant

    /// - Parameters:
    ///   - mark: ``mark(of:)``, taken before the shim was asked.
    ///   - status: what it said.
    /// - Returns: `nil` when the next look must ask again.
    init?(_ place: InstanceDirectory, mark: String?, status: InstanceStatus, at now: ContinuousClock.Instant = .now) {
        guard let mark, status.phase == .running, status.shimPid > 0, Self.mark(of: place) == mark else { return nil }
        (self.status, self.mark, since) = (status, mark, now)
    }

    static func mark(of place: InstanceDirectory) -> String? { FileIdentity.of("\(place.path)/\(ShimFiles.state)") }

    func holds(_ place: InstanceDirectory, at now: ContinuousClock.Instant = .now) -> Bool {
        // Signal 0 only looks (kill(2)).
        now - since < Self.validity && kill(status.shimPid, 0) == 0 && Self.mark(of: place) == mark
    }
}
