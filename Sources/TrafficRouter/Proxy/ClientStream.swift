import NIOCore

/// The side of an exchange that faces the client: the request under way on an HTTP/1 connection, or one HTTP/2 stream.
///
/// Abstract. A class and not a protocol: a call through it costs one indirection and no existential per request. Lives
/// on one event loop.
class ClientStream {
    let worker: Worker
    /// The request under way; `nil` between requests.
    final var exchange: Exchange?

    init(worker: Worker) { self.worker = worker }

    /// Who is at the other end.
    var peer: PeerAddress { preconditionFailure("abstract") }

    /// Whether more of the answer can be taken now.
    var isWritable: Bool { preconditionFailure("abstract") }

    /// Whether the body of a chunked answer may be handed on with its framing.
    var takesChunkFraming: Bool { preconditionFailure("abstract") }

    /// Whether a burst of bytes is being taken, at whose end all that goes to instances is flushed.
    var isInBurst: Bool { false }

    /// Passes on `100 Continue` and its like.
    func sendInformational(_ head: ResponseHead) { preconditionFailure("abstract") }

    /// Begins the answer with an instance's head.
    func sendHead(_ head: ResponseHead, _ marks: AnswerMarks) { preconditionFailure("abstract") }

    /// - Parameter isFramed: the bytes are whole or partial chunks; only where `takesChunkFraming`.
    func sendBody(_ buffer: ByteBuffer, isFramed: Bool) { preconditionFailure("abstract") }

    /// Ends the answer.
    func sendEnd(trailers: [TrailerField]) { preconditionFailure("abstract") }

    /// Answers with words of the router's own.
    func sendRefusal(_ refusal: Refusal, marks: AnswerMarks?) { preconditionFailure("abstract") }

    /// Sends what was given; once per burst.
    func flush() { preconditionFailure("abstract") }

    /// The answer cannot be ended properly: closes the connection, or resets the stream.
    func abort() { preconditionFailure("abstract") }

    /// The exchange takes the request's body again.
    func exchangeTakesMore() { preconditionFailure("abstract") }

    /// Passes on `101 Switching Protocols`; from now on bytes go through as they are.
    func beginTunnel(_ head: ResponseHead, _ marks: AnswerMarks) { preconditionFailure("abstract") }
}

/// What the router adds to an instance's answer.
struct AnswerMarks {
    /// Short digest of the release that answers.
    let release: String
    /// Value of the person's cookie, when it is to be set.
    var newCookie: StickyCookie?
    /// Of the request, told to the client too.
    var requestID: RequestID?
}

/// One field behind a body.
struct TrailerField: Equatable, Sendable {
    let name: String
    let value: String
}
