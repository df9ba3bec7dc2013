/// Why a head, or the framing of a chunked body, is refused.
struct HeadFlaw: Error, Equatable, Sendable {
    let code: Code
    /// Whether it was found in an instance's answer instead of a client's request.
    private(set) var isInResponse = false

    init(_ code: Code) { self.code = code }

    /// The same flaw, found in an answer.
    var inResponse: HeadFlaw {
        var flaw = self
        flaw.isInResponse = true
        return flaw
    }

    /// The status of the refusal. The connection must be closed after it: where the next message begins is not known.
    var status: Int { isInResponse ? 502 : code.status }

    /// Named reasons. The raw values are labels of metrics and never change.
    enum Code: String, CaseIterable, Sendable {
        // Lines.
        case bareCarriageReturn = "bare_carriage_return"
        case bareLineFeed = "bare_line_feed"
        case obsoleteFolding = "obsolete_folding"
        case leadingEmptyLines = "leading_empty_lines"
        case headNotWhole = "head_not_whole"
        // Limits.
        case headTooLarge = "head_too_large"
        case requestLineTooLong = "request_line_too_long"
        case fieldTooLong = "field_too_long"
        case tooManyFields = "too_many_fields"
        // Request line.
        case requestLineIncomplete = "request_line_incomplete"
        case requestLineSpaces = "request_line_spaces"
        case methodMalformed = "method_malformed"
        case methodTooLong = "method_too_long"
        case methodCase = "method_case"
        case connectNotOffered = "connect_not_offered"
        case versionMalformed = "version_malformed"
        case versionUnsupported = "version_unsupported"
        // Target.
        case targetCharacter = "target_character"
        case targetFragment = "target_fragment"
        case targetForm = "target_form"
        case targetAsterisk = "target_asterisk"
        case targetScheme = "target_scheme"
        case targetAuthority = "target_authority"
        case targetUserInformation = "target_user_information"
        // Host.
        case hostMissing = "host_missing"
        case hostRepeated = "host_repeated"
        case hostEmpty = "host_empty"
        case hostMalformed = "host_malformed"
        case hostUserInformation = "host_user_information"
        case hostPort = "host_port"
        case hostContradictsTarget = "host_contradicts_target"
        // Fields.
        case fieldNameMissing = "field_name_missing"
        case fieldNameMalformed = "field_name_malformed"
        case spaceBeforeColon = "space_before_colon"
        case colonMissing = "colon_missing"
        case valueNull = "value_null"
        case valueControl = "value_control"
        case connectionMalformed = "connection_malformed"
        // Framing.
        case lengthMalformed = "length_malformed"
        case lengthOverflow = "length_overflow"
        case lengthRepeated = "length_repeated"
        case lengthWithTransferEncoding = "length_with_transfer_encoding"
        case transferEncodingMalformed = "transfer_encoding_malformed"
        case transferEncodingRepeated = "transfer_encoding_repeated"
        case transferEncodingUnknown = "transfer_encoding_unknown"
        case transferEncodingInHTTP10 = "transfer_encoding_in_http_10"
        // Answers.
        case statusLineMalformed = "status_line_malformed"
        case statusMalformed = "status_malformed"
        // Chunks.
        case chunkSizeMalformed = "chunk_size_malformed"
        case chunkSizeOverflow = "chunk_size_overflow"
        case chunkExtensionMalformed = "chunk_extension_malformed"
        case chunkLineTooLong = "chunk_line_too_long"
        case chunkEndMalformed = "chunk_end_malformed"
        case trailersTooLarge = "trailers_too_large"
        case tooManyTrailers = "too_many_trailers"
    }
}

extension HeadFlaw.Code {
    /// The status of a refused request (RFC 9110, section 15; 431: RFC 6585, section 5).
    var status: Int {
        switch self {
        case .requestLineTooLong: 414
        case .headTooLarge, .fieldTooLong, .tooManyFields, .trailersTooLarge, .tooManyTrailers: 431
        // RFC 9112, section 3: a method longer than any known one, and section 6.1: a coding that is not understood.
        case .methodTooLong, .methodCase, .connectNotOffered, .transferEncodingUnknown: 501
        case .versionUnsupported: 505
        default: 400
        }
    }
}
