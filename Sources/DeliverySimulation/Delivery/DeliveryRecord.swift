public import DeliveryModel
import RolloutEngine

/// One line of the simulated control plane's journal.
public struct RecordedLine: Sendable, Equatable, Codable {
    public var time: Timestamp
    public var service: ServiceName
    public var kind: String
    public var actor: String
    public var release: ReleaseDigest?
    public var rollout: String?
    public var share: Share?
    public var verdict: Verdict?
    public var why: String

    init(_ note: JournalNote, of service: ServiceName, at time: Timestamp) {
        self.time = time
        self.service = service
        kind = note.kind
        actor = note.actor
        release = note.release
        rollout = note.rollout
        share = note.share
        verdict = note.verdict
        why = note.why
    }
}

/// Why a record did not do as it was asked, in a sentence.
public struct RecordFailure: Error, Sendable {
    public var why: String
    public init(_ why: String) { self.why = why }
}

/// Where the simulated control plane keeps what must survive a crash: journal and states.
public protocol DeliveryRecord {
    /// Appends to the journal and keeps texts by key, all or nothing.
    mutating func commit(_ lines: [RecordedLine], states: [String: String]) throws(RecordFailure)
    /// Every state, as kept last.
    func states() throws(RecordFailure) -> [String: String]
    /// The whole journal, oldest first.
    func replay(_ body: (RecordedLine) -> Void) throws(RecordFailure)
}

/// A record in memory. Of the journal it keeps what decides where traffic is, without the evidence: days have a million
/// lines.
public struct MemoryRecord: DeliveryRecord {
    private var kept: [String: String] = [:]
    private var lines: [RecordedLine] = []

    public init() {}

    public mutating func commit(_ lines: [RecordedLine], states: [String: String]) throws(RecordFailure) {
        for line in lines where JournalFold.kinds.contains(line.kind) {
            var kept = line
            (kept.verdict, kept.why, kept.actor) = (nil, "", "")
            self.lines.append(kept)
        }
        kept.merge(states) { _, new in new }
    }

    public func states() throws(RecordFailure) -> [String: String] { kept }
    public func replay(_ body: (RecordedLine) -> Void) throws(RecordFailure) { lines.forEach(body) }
}

/// What the journal alone says about one service.
struct JournalFold: Equatable {
    private(set) var live: ReleaseDigest?
    private(set) var rollout: String?
    private(set) var share = Share.none

    /// Kinds of lines that are looked at.
    static let kinds: Set<String> = [
        "rollout.started", "rollout.shift", "rollout.soak", "rollout.complete", "rollout.undone", "rollout.aborted",
        "undo", "redo", "drill", "drill.ended",
    ]

    init() {}

    /// What the state says of the same.
    init(_ state: ServiceState) {
        live = state.live
        rollout = state.rollout?.id
        share = state.rollout?.share ?? .none
    }

    mutating func take(_ line: RecordedLine) {
        switch line.kind {
        case "rollout.started": (rollout, share) = (line.rollout, .none)
        case "rollout.shift", "rollout.soak": share = line.share ?? share
        case "rollout.complete": (live, rollout, share) = (line.release, nil, .none)
        case "rollout.undone", "rollout.aborted": (rollout, share) = (nil, .none)
        case "undo" where line.rollout != nil: (rollout, share) = (nil, .none)
        case "undo", "redo", "drill", "drill.ended": if line.share == .all { live = line.release }
        default: break
        }
    }
}
