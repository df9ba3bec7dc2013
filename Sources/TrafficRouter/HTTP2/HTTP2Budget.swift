import NIOCore

/// Counts what a peer may do only so often, in windows of one minute.
struct HTTP2Budget {
    static let window = TimeAmount.minutes(1)

    private let limit: Int
    private var spent = 0
    private var began: NIODeadline

    init(limit: Int, now: NIODeadline) {
        self.limit = limit
        began = now
    }

    /// - Returns: whether it is still within the limit.
    mutating func spend(now: NIODeadline) -> Bool {
        if now - began > Self.window {
            spent = 0
            began = now
        }
        spent += 1
        return spent <= limit
    }

    /// Takes back what was explained by something else; never below nothing, so that it can't be saved up.
    @inline(__always)
    mutating func earn(_ count: Int) { if spent > 0 { spent = max(0, spent &- count) } }
}
