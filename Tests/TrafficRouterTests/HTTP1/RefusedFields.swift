@testable import TrafficRouter

/// Field lines that must be refused.
enum RefusedFields {
    static let all: [RefusedRequest] = names + values + folding + connection

    static let names: [RefusedRequest] = [
        .fields("space before the colon", "X : b", .spaceBeforeColon),
        .fields("two spaces before the colon", "X  : b", .spaceBeforeColon),
        .fields("tab before the colon", "X\t: b", .spaceBeforeColon),
        .fields("Content-Length with a space", "Content-Length : 5", .spaceBeforeColon),
        .fields("Transfer-Encoding with a space", "Transfer-Encoding : chunked", .spaceBeforeColon),
        .fields("Transfer-Encoding with a tab", "Transfer-Encoding\t: chunked", .spaceBeforeColon),
        .fields("space in the name", "X Y: b", .fieldNameMalformed),
        .fields("Content Length", "Content Length: 5", .fieldNameMalformed),
        .fields("no name", ": b", .fieldNameMissing),
        .fields("colon alone", ":", .fieldNameMissing),
        .fields("no colon", "Xyz", .colonMissing),
        .fields("no colon but a value", "Xyz b", .fieldNameMalformed),
        .fields("a chunk", "0", .colonMissing),
        .fields("null in the name", "X\0Y: b", .fieldNameMalformed),
        .fields("null before the name", "\0Content-Length: 5", .fieldNameMalformed),
        .fields("null behind the name", "Content-Length\0: 5", .fieldNameMalformed),
        .fields("vertical tab behind the name", "Content-Length\u{0B}: 5", .fieldNameMalformed),
        .fields("vertical tab before the name", "\u{0B}Transfer-Encoding: chunked", .fieldNameMalformed),
        .fields("form feed in the name", "X\u{0C}: b", .fieldNameMalformed),
        .fields("delete in the name", "X\u{7F}: b", .fieldNameMalformed),
        .fields("non-ASCII letter in the name", "X\u{E9}: b", .fieldNameMalformed),
        .fields("non-breaking space in the name", "Content-Length\u{A0}: 5", .fieldNameMalformed),
        .fields("parentheses", "X(a): b", .fieldNameMalformed),
        .fields("comma", "X,Y: b", .fieldNameMalformed),
        .fields("slash", "X/Y: b", .fieldNameMalformed),
        .fields("semicolon", "X;Y: b", .fieldNameMalformed),
        .fields("equals sign", "X=b", .fieldNameMalformed),
        .fields("quotes", "\"X\": b", .fieldNameMalformed),
        .fields("brackets", "[X]: b", .fieldNameMalformed),
        .fields("braces", "{X}: b", .fieldNameMalformed),
        .fields("at sign", "X@Y: b", .fieldNameMalformed),
        .fields("question mark", "X?: b", .fieldNameMalformed),
        .fields("backslash", "X\\Y: b", .fieldNameMalformed),
        .fields("less-than sign", "<X: b", .fieldNameMalformed),
        .fields("a request line", "GET /admin HTTP/1.1", .fieldNameMalformed),
        .raw("no colon in the first field", "GET / HTTP/1.1\r\nHost\r\n\r\n", .colonMissing),
    ]

    static let values: [RefusedRequest] = [
        .fields("null", "X: a\0b", .valueNull),
        .fields("null alone", "X: \0", .valueNull),
        .fields("null at the end of a long value", "X: 0123456789012345678901234567890\0", .valueNull),
        .fields("bell", "X: a\u{07}", .valueControl),
        .fields("backspace", "X: \u{08}a", .valueControl),
        .fields("vertical tab", "X: \u{0B}a", .valueControl),
        .fields("form feed", "X: a\u{0C}b", .valueControl),
        .fields("escape", "X: \u{1B}[31m", .valueControl),
        .fields("unit separator", "X: \u{1F}", .valueControl),
        .fields("delete", "X: a\u{7F}b", .valueControl),
        .fields("delete behind tabs", "X: \t\t\t\t\t\t\t\t\t\u{7F}", .valueControl),
        .fields("control character behind obs-text", "X: \u{FF}\u{80}\u{01}", .valueControl),
        .fields("vertical tab before chunked", "Transfer-Encoding: \u{0B}chunked", .valueControl),
        .fields("form feed behind a length", "Content-Length: 5\u{0C}", .valueControl),
        .fields("null behind chunked", "Transfer-Encoding: chunked\0", .valueNull),
    ]

    static let folding: [RefusedRequest] = [
        .fields("space", "X: a\r\n b", .obsoleteFolding),
        .fields("tab", "X: a\r\n\tb", .obsoleteFolding),
        .fields("a length", "X: a\r\n Content-Length: 5", .obsoleteFolding),
        .fields("Transfer-Encoding over two lines", "Transfer-Encoding:\r\n chunked", .obsoleteFolding),
        .fields("Content-Length over two lines", "Content-Length:\r\n 5", .lengthMalformed),
        .fields("line of a space", "X: a\r\n ", .obsoleteFolding),
        .fields("line of a space and a field", "X: a\r\n \r\nY: b", .obsoleteFolding),
        .raw("first line", "GET / HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n", .obsoleteFolding),
        .raw("tab in the first line", "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", .obsoleteFolding),
    ]

    static let connection: [RefusedRequest] = [
        .fields("semicolon", "Connection: close;x", .connectionMalformed),
        .fields("space inside", "Connection: keep alive", .connectionMalformed),
        .fields("quotes", "Connection: \"close\"", .connectionMalformed),
        .fields("equals sign", "Connection: keep-alive, timeout=5", .connectionMalformed),
        .fields("non-ASCII", "Connection: \u{E9}", .connectionMalformed),
        .fields("colon", "Connection: X: y", .connectionMalformed),
    ]
}
