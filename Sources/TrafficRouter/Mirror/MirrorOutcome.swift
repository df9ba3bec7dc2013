/// Why a request that was chosen to be mirrored was not.
public enum MirrorDropReason: String, Sendable, Hashable, CaseIterable {
    /// The method is not among those mirrored.
    case method
    /// The request's body is longer than is kept for a copy.
    case bodyTooLarge
    /// The worker had more requests of people under way than allow mirroring.
    case overload
    /// As many copies as may wait or be under way did.
    case queueFull
    /// The copies that wait would have taken more bytes than they may.
    case queueBytesFull
    /// The copy waited too long: its answer would be compared with an old one.
    case stale
    /// The table changed: the candidate is no longer mirrored to.
    case superseded
    /// The request asks for another protocol, such as WebSocket.
    case upgrade
    /// The answer ended before the request did, so the request is not known in full.
    case unfinished
    /// The router stops.
    case stopping
}

/// Why a copy brought no answer to compare.
public enum MirrorFailure: String, Sendable, Hashable, CaseIterable {
    /// The release had no instance to send to.
    case noInstance
    case connect
    /// The connection ended before the answer did.
    case reset
    case deadline
    /// The answer was not HTTP.
    case malformed
    /// The primary answer did not come to its end, so there was nothing to compare with.
    case noPrimary
    /// The mirror ended while the copy was under way.
    case superseded
}
