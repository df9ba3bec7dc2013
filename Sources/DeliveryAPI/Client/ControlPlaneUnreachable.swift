/// The control plane cannot be asked: it has not been found, does not answer, or the connection to it broke.
public struct ControlPlaneUnreachable: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried, what happened, and how to start one.
    public var message: String
    /// The connection was accepted and broke before the answer: the request may have been carried out.
    public var wasConnected: Bool

    public init(message: String, wasConnected: Bool = false) {
        self.message = message
        self.wasConnected = wasConnected
    }

    public var description: String { message }
}

/// The control plane answered with something that this client cannot read.
public struct UnreadableAnswer: Error, Sendable, Equatable, CustomStringConvertible {
    public var message: String
    public init(message: String) { self.message = message }
    public var description: String { message }
}
