@testable import TrafficRouter

/// Targets that must be refused.
enum RefusedTargets {
    static let all: [RefusedRequest] = characters + forms + absolute

    static let characters: [RefusedRequest] = [
        .target("null", "/a\0b", .targetCharacter),
        .target("control character", "/a\u{01}b", .targetCharacter),
        .target("escape", "/\u{1B}[0m", .targetCharacter),
        .target("delete", "/a\u{7F}", .targetCharacter),
        .target("tab", "/a\tb", .targetCharacter),
        .target("backslash in the path", "/a\\..\\b", .targetCharacter),
        .target("less-than sign", "/a<b", .targetCharacter),
        .target("greater-than sign", "/a>b", .targetCharacter),
        .target("angle brackets in the query", "/?a=<script>", .targetCharacter),
        .target("Latin letter", "/caf\u{E9}", .targetCharacter),
        .target("UTF-8", "/caf\u{C3}\u{A9}", .targetCharacter),
        .target("non-ASCII letter in the query", "/?q=\u{E9}", .targetCharacter),
        .target("0xFF", "/\u{FF}", .targetCharacter),
        .target("control character in the query", "/?a\u{02}", .targetCharacter),
        .target("null in the query", "/?a=\0", .targetCharacter),
        .target("fragment", "/a#b", .targetFragment),
        .target("fragment in the query", "/a?b#c", .targetFragment),
        .target("fragment alone", "#a", .targetFragment),
        .target("fragment in an absolute form", "http://a/#b", .targetFragment),
        .target("fragment behind the host", "http://a#b", .targetFragment),
    ]

    static let forms: [RefusedRequest] = [
        .target("no slash", "index.html", .targetForm),
        .target("authority form", "a:80", .targetForm),
        .target("authority form without a port", "a", .targetForm),
        .target("query alone", "?a=b", .targetForm),
        .target("dot segment", "./a", .targetForm),
        .target("one slash after the scheme", "http:/a/", .targetForm),
        .target("no slash after the scheme", "http:a", .targetForm),
        .target("javascript", "javascript:alert(1)", .targetForm),
        .target("asterisk for GET", "*", .targetAsterisk),
        .line("asterisk for POST", "POST * HTTP/1.1", .targetAsterisk),
        .line("asterisk and a path", "OPTIONS */a HTTP/1.1", .targetForm),
        .line("asterisk and a query", "OPTIONS *?a HTTP/1.1", .targetForm),
        .line("two asterisks", "OPTIONS ** HTTP/1.1", .targetForm),
        .target("ftp", "ftp://a/", .targetScheme),
        .target("ws", "ws://a/", .targetScheme),
        .target("file", "file:///etc/passwd", .targetScheme),
        .target("scheme that begins like http", "httpx://a/", .targetScheme),
        .target("scheme with a plus", "git+http://a/", .targetScheme),
    ]

    static let absolute: [RefusedRequest] = [
        .target("no host", "http:///a", .targetAuthority),
        .target("no host and no path", "http://", .targetAuthority),
        .target("port alone", "http://:80/", .targetAuthority),
        .target("user", "http://user@a/", .targetUserInformation),
        .target("user and password", "http://user:secret@a/", .targetUserInformation),
        .target("host that hides behind a user", "http://a:80@b/", .targetUserInformation),
        .target("port too large", "http://a:65536/", .targetAuthority),
        .target("port of letters", "http://a:http/", .targetAuthority),
        .target("comma", "http://a,b/", .targetAuthority),
        .target("open bracket", "http://[::1/", .targetAuthority),
        .target("other host", "http://b/", .hostContradictsTarget),
        .target("longer host", "http://a.b/", .hostContradictsTarget),
        .target("other port", "http://a:8080/", .hostContradictsTarget),
        .target("https, but Host has no port 443", "https://a:80/", .hostContradictsTarget),
        .raw("port of http for https", "GET https://a/ HTTP/1.1\r\nHost: a:80\r\n\r\n", .hostContradictsTarget),
        .raw("other port in Host", "GET http://a/ HTTP/1.1\r\nHost: a:81\r\n\r\n", .hostContradictsTarget),
        .raw("HTTP/1.0, too", "GET http://a/ HTTP/1.0\r\nHost: b\r\n\r\n", .hostContradictsTarget),
        .raw("absolute form without Host", "GET http://a/ HTTP/1.1\r\n\r\n", .hostMissing),
        .raw("absolute form with an empty Host", "GET http://a/ HTTP/1.1\r\nHost:\r\n\r\n", .hostEmpty),
    ]
}
