/// Why the router refused something, in words for the one who has to act.
public struct RouterError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The table's generation is lower than the one in force.
        case olderGeneration
        /// The table bears the generation in force, but says something else.
        case conflictingTable
        /// Another table is in force than the one that was to be changed.
        case otherBase
        /// The table contradicts itself or is not readable.
        case malformedTable
        /// Another process listens at the address or holds the admin socket.
        case addressInUse
        /// The system refused a socket or a file.
        case system
        /// The router has not been started, or has been shut down.
        case notRunning
    }

    public let code: Code
    /// What was expected, what was found, what to do.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
