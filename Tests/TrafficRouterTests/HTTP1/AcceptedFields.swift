@testable import TrafficRouter

/// Requests that must be taken: fields, framing and connections.
enum AcceptedFields {
    static let all: [AcceptedRequest] = values + framing + connection

    static let values: [AcceptedRequest] = [
        .fields("empty value", "X:", 1) { _ in },
        .fields("blanks alone", "X: \t ", 1) { _ in },
        .fields("no blank", "X:y", 1) { _ in },
        .fields("tabs inside", "X:\ta\tb\t", 1) { _ in },
        .fields("colons", "X: :a:b:", 1) { _ in },
        .fields("obs-text", "X: \u{80}\u{FF}caf\u{C3}\u{A9}", 1) { _ in },
        .fields("all visible characters", "X: !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~", 1) { _ in },
        .fields("all of a token", "!#$%&'*+-.^_`|~09azAZ: y", 1) { _ in },
        .fields("digits as a name", "0: y", 1) { _ in },
        .fields("underscore", "Content_Length: 5", 1) { _ in },
        .fields("repeated other field", "X: 1\r\nX: 2", 2) { _ in },
        AcceptedRequest("blanks around Host", "GET / HTTP/1.1\r\nHOST: \t a \t\r\n\r\n"),
        AcceptedRequest("no blank before Host's value", "GET / HTTP/1.1\r\nhost:a\r\n\r\n"),
        AcceptedRequest("Host last", "GET / HTTP/1.1\r\nA: b\r\nHost: a\r\n\r\n") { $0.fieldCount = 2 },
    ]

    static let framing: [AcceptedRequest] = [
        .fields("length", "Content-Length: 5", 1) { $0.framing = .length(5) },
        .fields("length zero", "Content-Length: 0", 1) { $0.framing = .length(0) },
        .fields("leading zeros", "Content-Length: 0005", 1) { $0.framing = .length(5) },
        .fields("blanks around a length", "Content-Length:\t 5 ", 1) { $0.framing = .length(5) },
        .fields("2^63 - 1", "Content-Length: 9223372036854775807", 1) { $0.framing = .length(.max / 2) },
        .fields("small letters", "content-length: 7", 1) { $0.framing = .length(7) },
        .fields("chunked", "Transfer-Encoding: chunked", 1) { $0.framing = .chunked },
        .fields("chunked in capitals", "TRANSFER-ENCODING: CHUNKED", 1) { $0.framing = .chunked },
        .fields("blanks around chunked", "Transfer-Encoding: \tchunked ", 1) { $0.framing = .chunked },
        .fields("names that begin like lengths", "Content-Length-X: 5\r\nX-Content-Length: 5", 2) { _ in },
        AcceptedRequest("length for GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc") {
            $0.framing = .length(3)
            $0.fieldCount = 2
        },
        AcceptedRequest("length in HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\n") {
            $0.method = .post
            $0.framing = .length(3)
            $0.host = ""
            $0.hostName = ""
            $0.isHTTP10 = true
            $0.keepsAlive = false
        },
        .fields("100-continue", "Expect: 100-Continue\r\nContent-Length: 1", 2) {
            $0.expectsContinue = true
            $0.framing = .length(1)
        },
        .fields("other expectation", "Expect: x", 1) { _ in },
        AcceptedRequest("100-continue in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\n\r\n") {
            $0.isHTTP10 = true
            $0.keepsAlive = false
            $0.fieldCount = 2
        },
    ]

    static let connection: [AcceptedRequest] = [
        .fields("close", "Connection: close", 1) { $0.keepsAlive = false },
        .fields("CLOSE", "Connection: CLOSE", 1) { $0.keepsAlive = false },
        .fields("keep-alive", "Connection: keep-alive", 1) { _ in },
        .fields("close and keep-alive", "Connection: keep-alive, close", 1) { $0.keepsAlive = false },
        .fields("close in the second field", "Connection: x\r\nConnection: close", 2) {
            $0.keepsAlive = false
            $0.options = ["x"]
        },
        .fields("empty", "Connection:", 1) { _ in },
        .fields("empty elements", "Connection: , ,x,\t, y ,", 1) { $0.options = ["x", "y"] },
        .fields("names", "Connection: X-One, keep-alive, X-Two", 1) { $0.options = ["X-One", "X-Two"] },
        .fields("word that begins like close", "Connection: closed", 1) { $0.options = ["closed"] },
        .fields("upgrade", "Connection: Upgrade\r\nUpgrade: websocket", 2) { $0.wantsUpgrade = true },
        .fields("upgrade and keep-alive", "Upgrade: websocket\r\nConnection: keep-alive, upgrade", 2) {
            $0.wantsUpgrade = true
        },
        .fields("upgrade without its field", "Connection: upgrade", 1) { _ in },
        .fields("Upgrade without its option", "Upgrade: websocket", 1) { _ in },
        AcceptedRequest("upgrade in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
        {
            $0.isHTTP10 = true
            $0.keepsAlive = false
            $0.fieldCount = 3
        },
        AcceptedRequest("keep-alive in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n") {
            $0.isHTTP10 = true
            $0.fieldCount = 2
        },
        AcceptedRequest("both in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nConnection: close, keep-alive\r\n\r\n") {
            $0.isHTTP10 = true
            $0.keepsAlive = false
            $0.fieldCount = 2
        },
    ]
}
