@testable import TrafficRouter

/// Host fields that must be refused.
enum RefusedHosts {
    static let all: [RefusedRequest] = counts + names + addresses + ports

    static let counts: [RefusedRequest] = [
        .raw("no field at all", "GET / HTTP/1.1\r\n\r\n", .hostMissing),
        .raw("other fields only", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n", .hostMissing),
        .raw("name that begins like Host", "GET / HTTP/1.1\r\nHosts: a\r\n\r\n", .hostMissing),
        .raw("X-Forwarded-Host instead", "GET / HTTP/1.1\r\nX-Forwarded-Host: a\r\n\r\n", .hostMissing),
        .raw("two", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", .hostRepeated),
        .raw("two equal ones", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .hostRepeated),
        .raw("two in other letters", "GET / HTTP/1.1\r\nHost: a\r\nhOsT: a\r\n\r\n", .hostRepeated),
        .raw("two, the first empty", "GET / HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n", .hostRepeated),
        .raw("two far apart", "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nHost: b\r\n\r\n", .hostRepeated),
        .raw("two in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", .hostRepeated),
        .raw("folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", .obsoleteFolding),
        .raw("space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", .spaceBeforeColon),
    ]

    static let names: [RefusedRequest] = [
        .host("empty", "", .hostEmpty),
        .host("blanks", " \t ", .hostEmpty),
        .host("list", "a, b", .hostMalformed),
        .host("list without a space", "a,b", .hostMalformed),
        .host("space inside", "a b", .hostMalformed),
        .host("tab inside", "a\tb", .hostMalformed),
        .host("path", "a/b", .hostMalformed),
        .host("URL", "http://a", .hostPort),
        .host("query", "a?b", .hostMalformed),
        .host("fragment", "a#b", .hostMalformed),
        .host("backslash", "a\\b", .hostMalformed),
        .host("quotes", "\"a\"", .hostMalformed),
        .host("angle brackets", "<a>", .hostMalformed),
        .host("caret", "a^b", .hostMalformed),
        .host("bar", "a|b", .hostMalformed),
        .host("braces", "{a}", .hostMalformed),
        .host("non-ASCII", "caf\u{E9}", .hostMalformed),
        .host("percent alone", "a%", .hostMalformed),
        .host("percent with one digit", "a%4", .hostMalformed),
        .host("percent with letters", "a%zz", .hostMalformed),
        .host("user", "user@a", .hostUserInformation),
        .host("user and password", "user:secret@a", .hostUserInformation),
        .host("empty user", "@a", .hostUserInformation),
        .host("user behind a port", "a:80@b", .hostUserInformation),
        .host("null", "a\0b", .valueNull),
        .host("control character", "a\u{08}", .valueControl),
    ]

    static let addresses: [RefusedRequest] = [
        .host("bracket not closed", "[::1", .hostMalformed),
        .host("bracket not opened", "::1]", .hostMalformed),
        .host("nothing in brackets", "[]", .hostMalformed),
        .host("no brackets", "::1", .hostMalformed),
        .host("zone", "[fe80::1%25eth0]", .hostMalformed),
        .host("future version", "[v1.x]", .hostMalformed),
        .host("name in brackets", "[a.example]", .hostMalformed),
        .host("five digits", "[12345::]", .hostMalformed),
        .host("nine groups", "[1:2:3:4:5:6:7:8:9]", .hostMalformed),
        .host("seven groups", "[1:2:3:4:5:6:7]", .hostMalformed),
        .host("shortened twice", "[1::2::3]", .hostMalformed),
        .host("shortened by nothing", "[1:2:3:4::5:6:7:8]", .hostMalformed),
        .host("colon in front", "[:1:2:3:4:5:6:7:8]", .hostMalformed),
        .host("colon behind", "[1:2:3:4:5:6:7:]", .hostMalformed),
        .host("three colons", "[:::1]", .hostMalformed),
        .host("IPv4 in front", "[1.2.3.4::1]", .hostMalformed),
        .host("IPv4 too large", "[::1.2.3.256]", .hostMalformed),
        .host("IPv4 of three numbers", "[::1.2.3]", .hostMalformed),
        .host("IPv4 with a leading zero", "[::1.2.3.04]", .hostMalformed),
        .host("text behind the bracket", "[::1]a", .hostMalformed),
    ]

    static let ports: [RefusedRequest] = [
        .host("port of letters", "a:b", .hostPort),
        .host("negative", "a:-1", .hostPort),
        .host("plus", "a:+80", .hostPort),
        .host("too large", "a:65536", .hostPort),
        .host("far too large", "a:99999999999999999999999", .hostPort),
        .host("zero", "a:0", .hostPort),
        .host("space before", "a: 80", .hostPort),
        .host("two", "a:80:80", .hostPort),
        .host("hexadecimal", "a:0x50", .hostPort),
        .host("path behind", "a:80/", .hostPort),
        .host("behind an address", "[::1]:x", .hostPort),
        .host("alone", ":80", .hostMalformed),
        .host("six digits", "a:000080", .hostPort),
    ]
}
