import DeliveryModel
import DeliveryStore
import FoundationEssentials
import RolloutEngine

/// The JSON forms of states, effects and journal notes in the store.
enum StoredForms {
    static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder.canonical.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    struct NoteData: Codable {
        var release: ReleaseDigest?
        var rollout: String?
        var shareBasisPoints: Share?
        var verdict: Verdict?
        var commit: String?
        var why: String
    }

    static func draft(_ note: JournalNote, _ state: ServiceState, at now: Timestamp) throws -> JournalDraft {
        let data = NoteData(
            release: note.release, rollout: note.rollout, shareBasisPoints: note.share, verdict: note.verdict,
            commit: note.release.flatMap { state.releases[$0]?.commit }, why: note.why)
        return JournalDraft(
            time: now, service: state.service.text, kind: note.kind, actor: note.actor, data: try json(data))
    }

    /// Names the work, not the moment: the same work asked for twice is one effect.
    static func outboxID(_ service: ServiceName, _ effect: RolloutEffect) -> String? {
        switch effect {
        case .start(_, let instances): "\(service):start:\(instances.joined(separator: "+"))"
        case .verify(let rollout, _): "\(service):verify:\(rollout)"
        case .stop(_, let instances): "\(service):stop:\(instances.joined(separator: "+"))"
        case .retain: "\(service):retain"
        // Derived from the state and put in force again at every start.
        case .route: nil
        }
    }
}
