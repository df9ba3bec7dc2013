/// An error on the wire: RFC 9457, `application/problem+json`.
public struct ProblemDetails: Error, Sendable, Equatable, Codable, CustomStringConvertible {
    /// Stable name of the kind of error, e.g. `unknown-service`.
    public var code: String
    public var type: String
    public var title: String
    public var status: Int
    /// What was expected, what was found, what to do.
    public var detail: String

    public init(code: String, title: String, status: Int, detail: String) {
        self.code = code
        type = "urn:nonevent:problem:" + code
        self.title = title
        self.status = status
        self.detail = detail
    }

    public var description: String { detail }
}
