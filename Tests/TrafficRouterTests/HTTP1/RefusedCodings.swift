@testable import TrafficRouter

/// Transfer-Encoding fields that must be refused.
enum RefusedCodings {
    static let all: [RefusedRequest] = both + malformed + unknown + old

    private static func coding(_ value: String, _ code: HeadFlaw.Code, _ status: Int = 400) -> RefusedRequest {
        .fields("Transfer-Encoding: \(value.debugDescription)", "Transfer-Encoding: \(value)", code, status)
    }

    static let both: [RefusedRequest] = [
        .fields(
            "CL.TE", "Content-Length: 6\r\nTransfer-Encoding: chunked", .lengthWithTransferEncoding),
        .fields(
            "TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 6", .lengthWithTransferEncoding),
        .fields(
            "length zero", "Content-Length: 0\r\nTransfer-Encoding: chunked", .lengthWithTransferEncoding),
        .fields(
            "other letters", "content-length: 6\r\ntransfer-ENCODING: CHUNKED", .lengthWithTransferEncoding),
        .fields(
            "unknown coding", "Content-Length: 6\r\nTransfer-Encoding: x", .lengthWithTransferEncoding),
        .fields(
            "malformed coding", "Content-Length: 6\r\nTransfer-Encoding: x=y", .lengthWithTransferEncoding),
        .fields(
            "empty coding", "Content-Length: 6\r\nTransfer-Encoding:", .lengthWithTransferEncoding),
        .fields(
            "identity", "Content-Length: 6\r\nTransfer-Encoding: identity", .lengthWithTransferEncoding),
        .fields(
            "fields between", "Content-Length: 6\r\nA: b\r\nTransfer-Encoding: chunked", .lengthWithTransferEncoding),
        .fields(
            "named by Connection", "Connection: content-length\r\nContent-Length: 6\r\nTransfer-Encoding: chunked",
            .lengthWithTransferEncoding),
        .raw(
            "HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n",
            .lengthWithTransferEncoding),
        .raw(
            "GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n",
            .lengthWithTransferEncoding),
    ]

    static let malformed: [RefusedRequest] = [
        coding("", .transferEncodingMalformed),
        coding("chunked,", .transferEncodingMalformed),
        coding(",chunked", .transferEncodingMalformed),
        coding("chunked, chunked", .transferEncodingMalformed),
        coding("chunked,chunked", .transferEncodingMalformed),
        coding("chunked, gzip", .transferEncodingMalformed),
        coding("chunked, identity", .transferEncodingMalformed),
        coding("gzip, chunked, chunked", .transferEncodingMalformed),
        coding("chunked;q=1", .transferEncodingMalformed),
        coding("chunked;", .transferEncodingMalformed),
        coding("\"chunked\"", .transferEncodingMalformed),
        coding("'chunked", .transferEncodingUnknown, 501),
        coding("chunked chunked", .transferEncodingMalformed),
        coding("chunked foo", .transferEncodingMalformed),
        coding("chun ked", .transferEncodingMalformed),
        coding("=chunked", .transferEncodingMalformed),
        coding(": chunked", .transferEncodingMalformed),
        coding("{chunked}", .transferEncodingMalformed),
        coding("chunked\u{A0}", .transferEncodingMalformed),
        coding("\u{FF}chunked", .transferEncodingMalformed),
        coding("ch\u{FC}nked", .transferEncodingMalformed),
        .fields(
            "two", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .transferEncodingRepeated),
        .fields(
            "two, the second of identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            .transferEncodingRepeated),
        .fields(
            "two, the first unknown", "Transfer-Encoding: x\r\nTransfer-Encoding: chunked", .transferEncodingRepeated),
        .fields(
            "two, the first empty", "Transfer-Encoding:\r\nTransfer-Encoding: chunked", .transferEncodingRepeated),
        .fields(
            "two in other letters", "Transfer-Encoding: chunked\r\ntransfer-encoding: gzip", .transferEncodingRepeated),
    ]

    static let unknown: [RefusedRequest] = [
        coding("gzip", .transferEncodingUnknown, 501),
        coding("deflate", .transferEncodingUnknown, 501),
        coding("identity", .transferEncodingUnknown, 501),
        coding("gzip, chunked", .transferEncodingUnknown, 501),
        coding("identity, chunked", .transferEncodingUnknown, 501),
        coding("x, y, chunked", .transferEncodingUnknown, 501),
        coding("xchunked", .transferEncodingUnknown, 501),
        coding("chunkedx", .transferEncodingUnknown, 501),
        coding("x-chunked", .transferEncodingUnknown, 501),
        coding("chunk", .transferEncodingUnknown, 501),
        coding("cow", .transferEncodingUnknown, 501),
        coding("chunked-false", .transferEncodingUnknown, 501),
    ]

    static let old: [RefusedRequest] = [
        .raw(
            "chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            .transferEncodingInHTTP10),
        .raw(
            "kept alive", "POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
            .transferEncodingInHTTP10),
        .raw(
            "gzip in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: gzip\r\n\r\n", .transferEncodingInHTTP10),
    ]
}
