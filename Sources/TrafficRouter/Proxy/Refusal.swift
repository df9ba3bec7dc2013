import DeliveryModel
import NIOCore

/// An answer of the router's own.
struct Refusal: Sendable {
    let status: Int
    private(set) var text: String
    /// Whole seconds, at least 1; `nil`: trying again is of no use.
    var retryAfter: Int?
    var contentType = "text/plain; charset=utf-8"
    private var isPage = false

    static let noTable = Refusal(
        status: 503, text: "the router has no table yet; the control plane has still to put one", retryAfter: 1)

    static let headTooSlow = Refusal(status: 408, text: "the request's head did not come in time")
    static let bodyTooSlow = Refusal(status: 408, text: "the request's body came too slowly")

    static func noInstance(_ release: LiveRelease) -> Refusal {
        Refusal(
            status: 503,
            text: "release \(release.mark) of service '\(release.service)' has no instance that takes requests",
            retryAfter: 1)
    }

    init(status: Int, text: String, retryAfter: Int? = nil) {
        (self.status, self.text, self.retryAfter) = (status, text, retryAfter)
    }

    /// A service that is held: its page, or words of the router's own.
    init(_ hold: TrafficHold) {
        let seconds = Int(hold.retryAfter.components.seconds) + (hold.retryAfter.components.attoseconds > 0 ? 1 : 0)
        self.init(status: 503, text: hold.page, retryAfter: max(1, seconds))
        if hold.page.isEmpty {
            text = "this service is paused for now" + (hold.reason.isEmpty ? "" : ": \(hold.reason)")
        } else {
            isPage = true
            contentType = hold.pageType
        }
    }

    init(_ flaw: HeadFlaw) { self.init(status: flaw.status, text: flaw.text) }

    /// Head and body for a client that speaks HTTP/1.
    func write(_ marks: AnswerMarks?, to request: RequestHead, keepAlive: Bool, into buffer: inout ByteBuffer) {
        buffer.writeString("HTTP/1.1 \(status) \(Self.reason(status))\r\ncontent-type: \(contentType)\r\n")
        buffer.writeString("content-length: \(text.utf8.count + end.utf8CodeUnitCount)\r\n")
        if let retryAfter { buffer.writeString("retry-after: \(retryAfter)\r\n") }
        if let marks { buffer.writeHead(room: marks.room) { marks.write(setsKey: false, to: &$0) } }
        if !keepAlive {
            buffer.writeStaticString("connection: close\r\n")
        } else if request.isHTTP10 {
            buffer.writeStaticString("connection: keep-alive\r\n")
        }
        buffer.writeStaticString("\r\n")
        guard request.method != .head else { return }
        buffer.writeString(text)
        buffer.writeStaticString(end)
    }

    /// A page is sent as it is.
    private var end: StaticString { isPage ? "" : "\n" }

    /// Reason phrases of the statuses that the router gives (RFC 9110, section 15).
    static func reason(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Refused"
        }
    }
}
