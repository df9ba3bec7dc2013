import NIOCore

/// What is counted when an attempt or an answer is over.
struct Tally {
    /// `nil`: not counted.
    let release: LiveRelease?
    /// `nil`: no instance could be tried.
    let instance: LiveInstance?
    let status: Int
    let bad: Bool
    let started: NIODeadline

    func record() {
        guard let release else { return }
        release.counts.record(status: status, bad: bad, nanoseconds: (.now() - started).nanoseconds)
        instance?.counts.record(bad: bad)
    }
}

extension RequestMethod {
    /// May be sent twice (RFC 9110, section 9.2.2).
    var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options, .trace: true
        case .post, .patch, .connect, .other: false
        }
    }
}
