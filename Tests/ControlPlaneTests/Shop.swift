import DeliveryModel
import RolloutEngine

/// A service with a live release and a candidate, as the control plane's tests need it.
struct Shop {
    static let begin = Timestamp(microseconds: 1_800_000_000_000_000)

    let service: ServiceName
    let live: ReleaseDigest
    let candidate: ReleaseDigest

    init() {
        guard let service = ServiceName("shop"), let live = ReleaseDigest(String(repeating: "a", count: 64)),
            let candidate = ReleaseDigest(String(repeating: "b", count: 64))
        else { preconditionFailure("these are good names") }
        (self.service, self.live, self.candidate) = (service, live, candidate)
    }

    func specification(_ judge: JudgeSpecification = .init()) -> ServiceSpecification {
        ServiceSpecification(
            service: service, run: RunSpecification(command: ["./shop"]), route: RouteSpecification(), judge: judge)
    }

    func record(_ digest: ReleaseDigest, _ judge: JudgeSpecification = .init()) -> ReleaseRecord {
        var record = ReleaseRecord(
            digest: digest, commit: digest.short, createdAt: Self.begin, acceptedAt: Self.begin,
            specification: specification(judge))
        record.instances = [InstanceSlot(id: digest.short, port: 1, isReady: true)]
        return record
    }

    /// A tenth of the traffic goes to the candidate since `begin`.
    func shifting(_ judge: JudgeSpecification = .init()) -> ServiceState {
        var state = ServiceState(service: service)
        state.live = live
        state.releases = [live: record(live), candidate: record(candidate, judge)]
        state.releases[live]?.standing = .good
        var rollout = Rollout(id: "shop-2", candidate: candidate, baseline: live, at: Self.begin, why: "")
        rollout.phase = .shift
        rollout.share = Share(clamping: 1000)
        rollout.shiftedAt = Self.begin
        state.rollout = rollout
        return state
    }
}
