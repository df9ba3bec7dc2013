import Testing

@testable import TrafficRouter

struct ResponseCase: CustomTestStringConvertible, Sendable {
    var name: String
    var bytes: [UInt8]
    var method: RequestMethod
    var reading: ResponseReading
    var testDescription: String { name }

    static func refused(_ name: String, _ head: String, _ code: HeadFlaw.Code, _ method: RequestMethod = .get) -> Self {
        Self(name: name, bytes: latin(head + "\r\n\r\n"), method: method, reading: .refused(code, 502))
    }

    static func accepted(
        _ name: String, _ head: String, _ status: Int, _ reason: String, _ framing: BodyFraming, closes: Bool = false,
        _ method: RequestMethod = .get
    ) -> Self {
        Self(
            name: name, bytes: latin(head + "\r\n\r\n"), method: method,
            reading: .accepted(status, reason, framing, keepsAlive: !closes))
    }
}

enum ResponseCases {
    static var all: [ResponseCase] { accepted + refused }

    static let accepted: [ResponseCase] = [
        .accepted("length", "HTTP/1.1 200 OK\r\nContent-Length: 5", 200, "OK", .length(5)),
        .accepted("no reason", "HTTP/1.1 200 \r\nContent-Length: 0", 200, "", .length(0)),
        .accepted("no space behind the code", "HTTP/1.1 404\r\nContent-Length: 0", 404, "", .length(0)),
        .accepted(
            "long reason", "HTTP/1.1 500 It went\twr\u{F6}ng\r\nContent-Length: 0", 500, "It went\twr\u{FFFD}ng",
            .length(0)),
        .accepted("chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked", 200, "OK", .chunked),
        .accepted("until close", "HTTP/1.1 200 OK", 200, "OK", .untilClose, closes: true),
        .accepted(
            "until close, whatever it says", "HTTP/1.1 200 OK\r\nConnection: keep-alive", 200, "OK",
            .untilClose, closes: true),
        .accepted("HTTP/1.0 until close", "HTTP/1.0 200 OK", 200, "OK", .untilClose, closes: true),
        .accepted(
            "HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\nContent-Length: 5", 200, "OK", .length(5), closes: true),
        .accepted(
            "HTTP/1.0 kept alive", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive", 200, "OK",
            .length(5)),
        .accepted(
            "close", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close", 200, "OK", .length(5), closes: true),
        .accepted("answer to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5", 200, "OK", .none, .head),
        .accepted("chunked answer to HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", 200, "OK", .none, .head),
        .accepted("answer to HEAD without a length", "HTTP/1.1 200 OK", 200, "OK", .none, .head),
        .accepted("204", "HTTP/1.1 204 No Content", 204, "No Content", .none),
        .accepted("204 with length zero", "HTTP/1.1 204 No Content\r\nContent-Length: 0", 204, "No Content", .none),
        .accepted("204 with a length", "HTTP/1.1 204 No\r\nContent-Length: 5", 204, "No", .none, closes: true),
        .accepted("204 in chunks", "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked", 204, "No", .none, closes: true),
        .accepted("304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5", 304, "Not Modified", .none),
        .accepted("304", "HTTP/1.1 304 Not Modified", 304, "Not Modified", .none),
        .accepted("100", "HTTP/1.1 100 Continue", 100, "Continue", .none),
        .accepted("103", "HTTP/1.1 103 Early Hints\r\nLink: </a>", 103, "Early Hints", .none),
        .accepted(
            "101", "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket", 101, "Switching", .none),
        .accepted("205 with a length", "HTTP/1.1 205 Reset\r\nContent-Length: 0", 205, "Reset", .length(0)),
        .accepted("999", "HTTP/1.1 999 Denied\r\nContent-Length: 0", 999, "Denied", .length(0)),
        .accepted(
            "malformed Connection", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: a b, close", 200, "OK",
            .length(0), closes: true),
        .accepted("obs-text in a value", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: \u{80}", 200, "OK", .length(0)),
    ]

    static let refused: [ResponseCase] = [
        .refused(
            "both lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
            .lengthWithTransferEncoding),
        .refused(
            "both lengths to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
            .lengthWithTransferEncoding, .head),
        .refused("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6", .lengthRepeated),
        .refused("two equal lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5", .lengthRepeated),
        .refused("list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5", .lengthMalformed),
        .refused("negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1", .lengthMalformed),
        .refused("length too large", "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808", .lengthOverflow),
        .refused("gzip", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked", .transferEncodingUnknown),
        .refused("identity", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity", .transferEncodingUnknown),
        .refused("chunked twice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked", .transferEncodingMalformed),
        .refused(
            "two codings", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            .transferEncodingRepeated),
        .refused("chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked", .transferEncodingInHTTP10),
        .refused("folded field", "HTTP/1.1 200 OK\r\nA: b\r\n c", .obsoleteFolding),
        .refused("space before the colon", "HTTP/1.1 200 OK\r\nA : b", .spaceBeforeColon),
        .refused("null", "HTTP/1.1 200 OK\r\nA: \0", .valueNull),
        .refused("bare CR", "HTTP/1.1 200 OK\r\nA: b\rc: d", .bareCarriageReturn),
        .refused("bare LF", "HTTP/1.1 200 OK\nA: b", .bareLineFeed),
        .refused("bare CR in the reason", "HTTP/1.1 200 O\rK", .bareCarriageReturn),
        .refused("null in the reason", "HTTP/1.1 200 O\0K", .statusLineMalformed),
        .refused("empty line before", "\r\nHTTP/1.1 200 OK", .leadingEmptyLines),
        .refused("HTTP/2.0", "HTTP/2.0 200 OK", .versionUnsupported),
        .refused("HTTP/1.2", "HTTP/1.2 200 OK", .versionUnsupported),
        .refused("small letters", "http/1.1 200 OK", .statusLineMalformed),
        .refused("ICY", "ICY 200 OK\r\nA: b", .statusLineMalformed),
        .refused("no code", "HTTP/1.1\r\nA: b", .statusLineMalformed),
        .refused("two spaces", "HTTP/1.1  200 OK", .statusMalformed),
        .refused("tab", "HTTP/1.1\t200 OK", .statusLineMalformed),
        .refused("code of two digits", "HTTP/1.1 20 OK", .statusMalformed),
        .refused("code of four digits", "HTTP/1.1 2000 OK", .statusMalformed),
        .refused("code 099", "HTTP/1.1 099 OK", .statusMalformed),
        .refused("code of letters", "HTTP/1.1 abc OK", .statusMalformed),
        .refused("negative code", "HTTP/1.1 -20 OK", .statusMalformed),
        .refused("a request", "GET / HTTP/1.1\r\nHost: a", .statusLineMalformed),
        .refused("short", "HTTP/1.1", .statusLineMalformed),
        .refused("head too large", "HTTP/1.1 200 OK\r\nA: \(repeating("a", 70_000))", .headTooLarge),
        .refused("line without an end", repeating("a", 70_000), .headTooLarge),
    ]
}
