/// One answered request, for the access log.
///
/// What came with the request stays where it is: ranges in the bytes of its head. Those bytes are kept by reference, so
/// render the line before they change, or they are copied. A range that is not within `head` counts as absent.
struct AccessLogLine: Sendable {
    enum Version: String, Sendable {
        case http10 = "HTTP/1.0"
        case http11 = "HTTP/1.1"
        case http2 = "HTTP/2.0"
    }

    enum Encryption: String, Sendable {
        case tls12 = "TLSv1.2"
        case tls13 = "TLSv1.3"
    }

    /// When the head had been read, in microseconds since 1970-01-01T00:00:00Z.
    var time: Int64
    /// The client's address without port: the one that is believed, after PROXY protocol and trusted fields.
    var client: String
    /// Bytes of the request's head; may be malformed if it was refused.
    var head: [UInt8] = []
    var method: Range<Int>?
    /// As written, with the query.
    var target: Range<Int>?
    var host: Range<Int>?
    var userAgent: Range<Int>?
    var referer: Range<Int>?
    var traceparent: Range<Int>?
    var version: Version = .http11
    /// `nil` without TLS.
    var encryption: Encryption?
    /// 0 when no answer was sent.
    var status: Int
    /// Bytes of bodies, without framing.
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0
    /// Microseconds from head read to last byte sent.
    var duration: Int64 = 0
    /// Microseconds from the request's start at the instance to the head of its answer; `nil` if it was sent to none.
    var upstreamDuration: Int64?
    var service: String?
    /// In the form that metrics have: the digest's first 12 digits.
    var release: String?
    var instance: String?
    /// Whether the baseline answered in place of a candidate that failed.
    var isRescued = false
    /// Name of the rule by which the router answered itself.
    var refusal: String?
    /// Empty if there is none.
    var requestID: [UInt8] = []

    init(time: Int64, client: String, status: Int) {
        self.time = time
        self.client = client
        self.status = status
    }

    /// The range if it lies in the head, shortened to `limit` bytes.
    func bounded(_ range: Range<Int>?, limit: Int) -> Range<Int>? {
        guard let range, range.lowerBound >= 0, range.upperBound <= head.count else { return nil }
        return range.lowerBound..<min(range.upperBound, range.lowerBound + limit)
    }
}
