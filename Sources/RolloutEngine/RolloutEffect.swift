public import DeliveryModel

/// What a transition asks drivers to do. Carried out at least once; each is idempotent by (id, generation).
public enum RolloutEffect: Sendable, Equatable, Codable {
    /// Unpack the release, start these instances, wait until all are ready; answers `started` or `startFailed`.
    case start(release: ReleaseDigest, instances: [String])
    /// Smoke checks on every instance; answers `verified` or `verifyFailed`.
    case verify(rollout: String, release: ReleaseDigest)
    /// Let requests under way end, then stop these instances.
    case stop(release: ReleaseDigest, instances: [String])
    /// Put the routes of this state in force.
    case route
    /// Remove what retention no longer keeps.
    case retain
}

/// One line for the journal.
public struct JournalNote: Sendable, Equatable {
    /// `deploy.accepted`, `rollout.shift`, `undo`, ...
    public var kind: String
    public var actor: String
    public var release: ReleaseDigest?
    public var rollout: String?
    public var share: Share?
    public var verdict: Verdict?
    public var why: String
}

/// What one event leads to.
public struct Transition: Sendable, Equatable {
    public var state: ServiceState
    public var effects: [RolloutEffect]
    public var notes: [JournalNote]
    /// Nothing had to change: the command found its wish fulfilled.
    public var isUnchanged: Bool { effects.isEmpty && notes.isEmpty }
}

/// Why an event is refused. Nothing has changed then.
public struct RolloutError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case nothingToUndo = "nothing-to-undo"
        case nothingToRedo = "nothing-to-redo"
        case noRollout = "no-rollout"
        case unknownRelease = "unknown-release"
        case releaseUndone = "release-undone"
        case commitConflict = "commit-conflict"
        case busy
    }

    public var code: Code
    public var message: String
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
