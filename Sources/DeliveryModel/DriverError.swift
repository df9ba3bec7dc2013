/// Why a driver could not do what it was asked to.
public struct DriverError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, Codable {
        /// Cannot be reached now; the same call may work later.
        case unreachable
        /// A newer generation has been seen; the call is out of date.
        case stale
        /// The thing asked for is wrong and will be wrong again.
        case refused
        /// Not done within its time.
        case timedOut
        /// It was tried and it failed.
        case failed
    }

    public var code: Code
    /// What was expected, what was found, and what to do.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
