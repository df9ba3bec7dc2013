public import NIOCore

/// Every limit of HTTP/2 connections by name. Byte counts are of payloads unless said otherwise.
///
/// Deadlines of heads and bodies, idle and stall timeouts are those of `RouterLimits`, which hold for HTTP/1 too.
public struct HTTP2Limits: Sendable {
    /// Requests under way on one connection; more are refused with REFUSED_STREAM. Default 128.
    public var maxConcurrentStreams = 128
    /// All decoded fields of a request, each with 32 bytes for itself (RFC 9113, section 6.5.2); more is answered 431.
    /// Default 65,536.
    public var maxHeaderListBytes = 65_536
    /// A header block as it comes, over all its frames; more ends the connection. Default 65,536.
    public var maxHeaderBlockBytes = 65_536
    /// CONTINUATION frames of one header block; more end the connection. Default 16.
    public var maxContinuationFrames = 16
    /// Room for a client's compression state. Default 4,096, at most 65,536.
    public var headerTableBytes = 4_096
    /// Body bytes that one request may send before the instance takes them. Default 131,072.
    public var streamWindow = 131_072
    /// Body bytes that all requests of a connection may send before the instances take them. Default 1,048,576, at
    /// least 65,535.
    public var connectionWindow = 1_048_576
    /// Answer bytes of one stream that are kept while its client's window is closed; an instance is read no further
    /// above it. Default 65,536.
    public var maxBufferedStreamBytes = 65_536
    /// Requests that a client may cancel per minute; more end the connection (rapid reset, CVE-2023-44487). Default
    /// 300.
    public var maxResetsPerMinute = 300
    /// Malformed or refused requests per minute; more end the connection. Default 300.
    public var maxFlawsPerMinute = 300
    /// PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty and unknown frames per minute, above those that data frames in
    /// either direction explain; more end the connection. Default 1,000.
    public var maxControlFramesPerMinute = 1_000
    /// Control frames that each data frame explains (window updates, bandwidth probes). Default 4.
    public var controlFramesPerDataFrame = 4
    /// Time between the two steps of a graceful end: in it, requests that are on their way still count as received.
    /// Default 1 s; less when the client acknowledges sooner.
    public var drainRoundTrip: TimeAmount = .seconds(1)
    /// Requests sent to an instance at once on one connection, if the instance allows as many. Default 100.
    public var maxConcurrentUpstreamStreams = 100
    /// Connections of one event loop to one instance on which requests may begin; more requests wait for room. Default
    /// 8: more than one is only needed when an instance takes few requests on each.
    public var maxUpstreamConnections = 8
    /// Silence of an instance, with requests under way, after which it is asked for a sign of life (PING), and then
    /// given as long to answer. Default 10 s.
    public var upstreamProbeInterval: TimeAmount = .seconds(10)
    /// One that answered is not asked again for this long, unless it has sent something of a request since: gRPC's
    /// servers end a connection with more than two PINGs in five minutes without any. Default 310 s.
    public var upstreamProbePause: TimeAmount = .seconds(310)

    public init() {}
}
