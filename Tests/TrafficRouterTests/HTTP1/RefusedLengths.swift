@testable import TrafficRouter

/// Content-Length fields that must be refused.
enum RefusedLengths {
    static let all: [RefusedRequest] = malformed + large + repeated

    static let malformed: [RefusedRequest] = [
        .fields("empty length", "Content-Length:", .lengthMalformed),
        .fields("length of blanks", "Content-Length: \t ", .lengthMalformed),
        .fields("plus", "Content-Length: +5", .lengthMalformed),
        .fields("minus", "Content-Length: -5", .lengthMalformed),
        .fields("minus zero", "Content-Length: -0", .lengthMalformed),
        .fields("space inside", "Content-Length: 5 5", .lengthMalformed),
        .fields("tab inside", "Content-Length: 5\t5", .lengthMalformed),
        .fields("equal list", "Content-Length: 5, 5", .lengthMalformed),
        .fields("equal list without a space", "Content-Length: 5,5", .lengthMalformed),
        .fields("unequal list", "Content-Length: 5, 6", .lengthMalformed),
        .fields("comma behind", "Content-Length: 5,", .lengthMalformed),
        .fields("comma in front", "Content-Length: ,5", .lengthMalformed),
        .fields("hexadecimal", "Content-Length: 0x5", .lengthMalformed),
        .fields("hexadecimal digit", "Content-Length: 5a", .lengthMalformed),
        .fields("octal", "Content-Length: 0o5", .lengthMalformed),
        .fields("fraction", "Content-Length: 5.0", .lengthMalformed),
        .fields("exponent", "Content-Length: 5e1", .lengthMalformed),
        .fields("underscore", "Content-Length: 1_000", .lengthMalformed),
        .fields("apostrophe", "Content-Length: 1'000", .lengthMalformed),
        .fields("quotes", "Content-Length: \"5\"", .lengthMalformed),
        .fields("semicolon", "Content-Length: 5;", .lengthMalformed),
        .fields("superscript", "Content-Length: \u{B2}", .lengthMalformed),
        .fields("non-breaking space", "Content-Length: \u{A0}5", .lengthMalformed),
        .fields("letters", "Content-Length: chunked", .lengthMalformed),
        .fields("colon", "Content-Length:: 5", .lengthMalformed),
        .fields("small letters", "content-length: +5", .lengthMalformed),
        .raw("for GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", .lengthMalformed),
        .raw("HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: +1\r\n\r\n", .lengthMalformed),
    ]

    static let large: [RefusedRequest] = [
        .fields("2^63", "Content-Length: 9223372036854775808", .lengthOverflow),
        .fields("2^64 - 1", "Content-Length: 18446744073709551615", .lengthOverflow),
        .fields("2^64", "Content-Length: 18446744073709551616", .lengthOverflow),
        .fields("2^64 + 5", "Content-Length: 18446744073709551621", .lengthOverflow),
        .fields("10^19", "Content-Length: 10000000000000000000", .lengthOverflow),
        .fields("2^65 + 5", "Content-Length: 36893488147419103237", .lengthOverflow),
        .fields("forty digits", "Content-Length: 1111111111222222222233333333334444444444", .lengthOverflow),
        .fields("2^128 + 5", "Content-Length: 340282366920938463463374607431768211461", .lengthOverflow),
        .fields("overflow, then a letter", "Content-Length: 99999999999999999999x", .lengthMalformed),
    ]

    static let repeated: [RefusedRequest] = [
        .fields("equal", "Content-Length: 5\r\nContent-Length: 5", .lengthRepeated),
        .fields("unequal", "Content-Length: 5\r\nContent-Length: 6", .lengthRepeated),
        .fields("zero first", "Content-Length: 0\r\nContent-Length: 5", .lengthRepeated),
        .fields("other letters", "Content-Length: 5\r\ncontent-LENGTH: 5", .lengthRepeated),
        .fields("far apart", "Content-Length: 5\r\nA: 1\r\nB: 2\r\nContent-Length: 5", .lengthRepeated),
        .fields("three", "Content-Length: 1\r\nContent-Length: 1\r\nContent-Length: 1", .lengthRepeated),
        .fields("malformed second", "Content-Length: 5\r\nContent-Length: x", .lengthRepeated),
        .fields("malformed first", "Content-Length: x\r\nContent-Length: 5", .lengthMalformed),
        .raw(
            "HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", .lengthRepeated),
    ]
}
