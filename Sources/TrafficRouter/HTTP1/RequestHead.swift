/// The head of a request, checked, as offsets into its bytes (RFC 9112, sections 2 to 6).
///
/// One object serves one connection's requests after another: its arrays keep their room, so that parsing allocates
/// nothing once they are large enough. After a flaw its properties mean nothing until the next `parse`.
final class RequestHead {
    /// The head as received, with its empty line, from the method's first letter on: an empty line before is left out.
    private(set) var bytes: [UInt8] = []
    private(set) var method = RequestMethod.other
    private(set) var methodRange = 0..<0
    /// As written: origin, absolute or asterisk form.
    private(set) var target = 0..<0
    /// Begins with `/`; empty for an absolute form without a path, which means `/` (or, for OPTIONS, `*`).
    private(set) var path = 0..<0
    /// Without its `?`; `nil` if there is none.
    private(set) var query: Range<Int>?
    /// `host[:port]` of an absolute form; says the same as the Host field if there is one.
    private(set) var authority: Range<Int>?
    /// The value of the Host field; empty if there is none, which HTTP/1.0 allows.
    private(set) var host = 0..<0
    /// The host without its port, of the target or else of the Host field; empty if there is neither.
    private(set) var hostName = 0..<0
    private(set) var isHTTP10 = false
    private(set) var fields: [HeaderField] = []
    /// Never `.untilClose`.
    private(set) var framing = BodyFraming.none
    /// Whether the client takes another request's answer on this connection (RFC 9112, section 9.3).
    private(set) var keepsAlive = false
    /// Whether the client waits for `100 Continue`; never in HTTP/1.0 (RFC 9110, section 10.1.1).
    private(set) var expectsContinue = false
    /// Whether there are both `Connection: upgrade` and `Upgrade`; never in HTTP/1.0 (RFC 9110, section 7.8).
    private(set) var wantsUpgrade = false
    /// What Connection fields name besides `close`, `keep-alive` and `upgrade`.
    private(set) var connectionNames: [Range<Int>] = []
    private var section = FieldSection()

    /// Path and query as an origin form; the path in it may be empty, see `path`.
    var pathAndQuery: Range<Int> { path.lowerBound..<target.upperBound }

    /// The length of the head that begins with the first byte, its empty line and one empty line before it included;
    /// `nil` if more bytes are needed.
    ///
    /// - Parameter scannedTo: 0 for a new head, then as the last call left it.
    /// - Throws: `bareLineFeed`, `leadingEmptyLines`, `headTooLarge`, `requestLineTooLong`.
    static func length(
        of input: Span<UInt8>, scannedTo: inout Int, limits: HeadLimits
    ) throws(HeadFlaw) -> Int? {
        try HeadScan.length(of: input, scannedTo: &scannedTo, allowsEmptyLine: true, limits)
    }

    /// Reads a head.
    ///
    /// - Parameter input: exactly one head, as `length(of:scannedTo:limits:)` finds it.
    func parse(_ input: Span<UInt8>, limits: HeadLimits) throws(HeadFlaw) {
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        connectionNames.removeAll(keepingCapacity: true)
        guard input.count <= min(limits.maxHeadBytes, Int(Int32.max)) else { throw HeadFlaw(.headTooLarge) }
        let isAfterEmptyLine = input.hasBytes(of: "\r\n", at: 0)
        if isAfterEmptyLine, input.hasBytes(of: "\r\n", at: 2) { throw HeadFlaw(.leadingEmptyLines) }
        let head = input.extracting((isAfterEmptyLine ? 2 : 0)..<input.count)
        let line = try RequestLine.parse(head, limits)
        let section = try FieldSection.parse(
            head, from: line.end, limits, isLenient: false, into: &fields, names: &connectionNames)
        hostName = try HostCheck.hostName(head, line, section)
        if try section.isChunked(head, isHTTP10: line.isHTTP10) {
            framing = .chunked
        } else {
            framing = section.has(.contentLength) ? .length(section.contentLength) : .none
        }
        head.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        method = line.method
        methodRange = line.methodRange
        target = line.target.whole
        path = line.target.path
        query = line.target.query
        authority = line.target.authority
        host = section.host
        isHTTP10 = line.isHTTP10
        keepsAlive = section.keepsAlive(isHTTP10: line.isHTTP10)
        expectsContinue = section.expectsContinue && !line.isHTTP10
        wantsUpgrade = section.hasUpgradeOption && section.has(.upgrade) && !line.isHTTP10
        self.section = section
    }
}

extension RequestHead: FieldLookup {
    func has(_ id: KnownField) -> Bool { section.has(id) }
}
