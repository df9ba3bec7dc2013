/// The head of an instance's answer, checked, as offsets into its bytes (RFC 9112, sections 4 to 6).
///
/// Reused like `RequestHead`. Every flaw is one of the answer's: its status is 502.
final class ResponseHead {
    /// The head as received, with its empty line.
    private(set) var bytes: [UInt8] = []
    /// 100 to 999.
    private(set) var status = 0
    /// The reason phrase; may be empty.
    private(set) var reason = 0..<0
    private(set) var isHTTP10 = false
    private(set) var fields: [HeaderField] = []
    /// `.none` for 1xx, 204 and 304 and for answers to HEAD, whatever the fields say.
    private(set) var framing = BodyFraming.none
    /// Whether another request may follow on the connection. False also after a 204 that announces a body, since nobody
    /// knows whether one comes.
    private(set) var keepsAlive = false
    /// What Connection fields name besides `close`, `keep-alive` and `upgrade`; what is no token is left out.
    private(set) var connectionNames: [Range<Int>] = []
    private var section = FieldSection()

    /// 100 to 199, of which 101 is final.
    var isInformational: Bool { status < 200 && status != 101 }

    /// The length announced by the fields, even if the answer has no body (HEAD, 304).
    var announcedLength: UInt64? { has(.contentLength) ? section.contentLength : nil }

    /// The length of the head that begins with the first byte; `nil` if more bytes are needed.
    ///
    /// - Parameter scannedTo: 0 for a new head, then as the last call left it.
    /// - Throws: `bareLineFeed`, `leadingEmptyLines`, `headTooLarge`.
    static func length(
        of input: Span<UInt8>, scannedTo: inout Int, limits: HeadLimits
    ) throws(HeadFlaw) -> Int? {
        do throws(HeadFlaw) {
            return try HeadScan.length(of: input, scannedTo: &scannedTo, allowsEmptyLine: false, limits)
        } catch {
            throw (error.code == .requestLineTooLong ? HeadFlaw(.headTooLarge) : error).inResponse
        }
    }

    /// Reads a head.
    ///
    /// - Parameters:
    ///   - input: exactly one head, as `length(of:scannedTo:limits:)` finds it.
    ///   - method: of the request it answers.
    func parse(_ input: Span<UInt8>, limits: HeadLimits, answering method: RequestMethod) throws(HeadFlaw) {
        do throws(HeadFlaw) {
            try read(input, limits, method)
        } catch {
            throw error.inResponse
        }
    }

    private func read(_ input: Span<UInt8>, _ limits: HeadLimits, _ method: RequestMethod) throws(HeadFlaw) {
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        connectionNames.removeAll(keepingCapacity: true)
        guard input.count <= min(limits.maxHeadBytes, Int(Int32.max)) else { throw HeadFlaw(.headTooLarge) }
        let line = try StatusLine.parse(input)
        let section = try FieldSection.parse(
            input, from: line.end, limits, isLenient: true, into: &fields, names: &connectionNames)
        let isChunked = try section.isChunked(input, isHTTP10: line.isHTTP10)
        keepsAlive = section.keepsAlive(isHTTP10: line.isHTTP10)
        // RFC 9112, section 6.3: these never have a body.
        if line.status < 200 || line.status == 204 || line.status == 304 || method == .head {
            framing = .none
            let isBodyForbidden = line.status < 200 || line.status == 204
            if isBodyForbidden, isChunked || section.contentLength > 0 { keepsAlive = false }
        } else if isChunked {
            framing = .chunked
        } else if section.has(.contentLength) {
            framing = .length(section.contentLength)
        } else {
            framing = .untilClose
            keepsAlive = false
        }
        input.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        status = line.status
        reason = line.reason
        isHTTP10 = line.isHTTP10
        self.section = section
    }
}

extension ResponseHead: FieldLookup {
    func has(_ id: KnownField) -> Bool { section.has(id) }
}
