import Testing

@testable import TrafficRouter

struct ChunkCase: CustomTestStringConvertible, Sendable {
    var name: String
    var bytes: [UInt8]
    var flaw: HeadFlaw.Code?
    var data = ""
    var trailers: [String] = []
    var limits = HeadLimits()
    var testDescription: String { name }

    static func refused(_ name: String, _ body: String, _ flaw: HeadFlaw.Code) -> Self {
        Self(name: name, bytes: latin(body), flaw: flaw)
    }

    static func accepted(_ name: String, _ body: String, _ data: String, _ trailers: [String] = []) -> Self {
        Self(name: name, bytes: latin(body), data: data, trailers: trailers)
    }
}

enum ChunkCases {
    static var all: [ChunkCase] { accepted + RefusedChunks.all }

    static let accepted: [ChunkCase] = [
        .accepted("no data", "0\r\n\r\n", ""),
        .accepted("one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"),
        .accepted("three chunks", "1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n", "abcdef"),
        .accepted("hexadecimal digits", "a\r\n0123456789\r\nB\r\nabcdefghijk\r\n0\r\n\r\n", "0123456789abcdefghijk"),
        .accepted("leading zeros", "0005\r\nhello\r\n000\r\n\r\n", "hello"),
        .accepted("many leading zeros", "\(repeating("0", 99))2\r\nab\r\n0\r\n\r\n", "ab"),
        .accepted("line ends as data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"),
        .accepted("a chunk as data", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n"),
        .accepted("bytes behind", "0\r\n\r\nGET / HTTP/1.1\r\n", ""),
        .accepted("extension", "1;a\r\nx\r\n0\r\n\r\n", "x"),
        .accepted("extension with a value", "1;a=b\r\nx\r\n0;c=d\r\n\r\n", "x"),
        .accepted("quoted value", "1;a=\"b;\\\"\"\r\nx\r\n0\r\n\r\n", "x"),
        .accepted("escaped blanks", "1;a=\"\\ \\\t\\\u{E9}\"\r\nx\r\n0\r\n\r\n", "x"),
        .accepted("empty quoted value", "1;a=\"\"\r\nx\r\n0\r\n\r\n", "x"),
        .accepted("non-ASCII quoted value", "1;a=\"\u{E9}\t \"\r\nx\r\n0\r\n\r\n", "x"),
        .accepted("three extensions", "1;a;b=c;d=\"e\"\r\nx\r\n0\r\n\r\n", "x"),
        .accepted("blanks around extensions", "1 ;\ta = b ; c\r\nx\r\n0\r\n\r\n", "x"),
        .accepted("trailer", "0\r\nX-Sum: 1\r\n\r\n", "", ["trailer X-Sum=1"]),
        .accepted(
            "trailers of gRPC", "0\r\ngrpc-status: 0\r\ngrpc-message:\r\n\r\n", "",
            [
                "trailer grpc-status=0", "trailer grpc-message=",
            ]),
        .accepted(
            "trailers to be dropped", "0\r\nContent-Length: 5\r\nA: b\r\ntransfer-encoding:chunked \r\n\r\n", "",
            [
                "dropped Content-Length=5", "trailer A=b", "dropped transfer-encoding=chunked",
            ]),
    ]
}
