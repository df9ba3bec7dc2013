extension HeadFlaw {
    /// One plain sentence for the client or the log, without a full stop.
    var text: String {
        let message = isInResponse ? "answer" : "request"
        return switch code {
        case .bareCarriageReturn: "a carriage return stands without its line feed"
        case .bareLineFeed: "a line ends with a line feed alone; lines end with CRLF"
        case .obsoleteFolding: "a field is folded over two lines, which is obsolete"
        case .leadingEmptyLines: "there are empty lines before the \(message)"
        case .headNotWhole: "the \(message)'s head does not end where it should"
        case .headTooLarge: "the \(message)'s head is too large"
        case .requestLineTooLong: "the request's target is too long"
        case .fieldTooLong: "a field of the \(message) is too long"
        case .tooManyFields: "the \(message) has too many fields"
        case .requestLineIncomplete: "the request line needs a method, a target and a version"
        case .requestLineSpaces: "the request line must have exactly two spaces"
        case .methodMalformed: "the method is malformed"
        case .methodTooLong: "the method is too long"
        case .methodCase: "methods are case-sensitive, and this one is written in capitals"
        case .connectNotOffered: "CONNECT is not offered"
        case .versionMalformed: "the version is malformed"
        case .versionUnsupported: "only HTTP/1.0 and HTTP/1.1 are spoken here"
        case .targetCharacter, .targetFragment, .targetForm, .targetAsterisk, .targetScheme, .targetAuthority,
            .targetUserInformation:
            targetText
        case .hostMissing, .hostRepeated, .hostEmpty, .hostMalformed, .hostUserInformation, .hostPort,
            .hostContradictsTarget:
            hostText
        case .fieldNameMissing: "a field has no name"
        case .fieldNameMalformed: "a field's name is malformed"
        case .spaceBeforeColon: "there is a space between a field's name and its colon"
        case .colonMissing: "a field line has no colon"
        case .valueNull: "a field's value holds a null character"
        case .valueControl: "a field's value holds a control character"
        case .connectionMalformed: "the Connection field is malformed"
        case .lengthMalformed: "the Content-Length field is malformed"
        case .lengthOverflow: "the Content-Length is too large"
        case .lengthRepeated: "the \(message) has more than one Content-Length field"
        case .lengthWithTransferEncoding: "Transfer-Encoding and Content-Length must not stand together"
        case .transferEncodingMalformed: "the Transfer-Encoding field is malformed; it must be 'chunked'"
        case .transferEncodingRepeated: "the \(message) has more than one Transfer-Encoding field"
        case .transferEncodingUnknown: "the only Transfer-Encoding understood is 'chunked'"
        case .transferEncodingInHTTP10: "Transfer-Encoding needs HTTP/1.1"
        case .statusLineMalformed: "the answer's status line is malformed"
        case .statusMalformed: "the answer's status must be a number from 100 to 999"
        case .chunkSizeMalformed: "a chunk's size is malformed"
        case .chunkSizeOverflow: "a chunk's size is too large"
        case .chunkExtensionMalformed: "a chunk's extension is malformed"
        case .chunkLineTooLong: "a chunk's first line is too long"
        case .chunkEndMalformed: "a chunk's data is not followed by CRLF"
        case .trailersTooLarge: "the trailers are too large"
        case .tooManyTrailers: "there are too many trailers"
        }
    }

    private var targetText: String {
        switch code {
        case .targetFragment: "the target has a fragment ('#')"
        case .targetForm: "the target must begin with '/', 'http://' or 'https://'"
        case .targetAsterisk: "the target '*' is for OPTIONS only"
        case .targetScheme: "the target's scheme must be http or https"
        case .targetAuthority: "the host in the target is malformed"
        case .targetUserInformation: "the host in the target has a user before it"
        default: "the target holds a character that must be percent-encoded"
        }
    }

    private var hostText: String {
        switch code {
        case .hostMissing: "an HTTP/1.1 request needs a Host field"
        case .hostRepeated: "the request has more than one Host field"
        case .hostEmpty: "the Host field is empty"
        case .hostUserInformation: "the Host field has a user before the host"
        case .hostPort: "the port in the Host field is malformed"
        case .hostContradictsTarget: "the Host field contradicts the host in the target"
        default: "the Host field is malformed"
        }
    }
}
