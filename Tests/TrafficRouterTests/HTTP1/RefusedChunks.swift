@testable import TrafficRouter

enum RefusedChunks {
    static let all: [ChunkCase] = sizes + extensions + data + trailers + large

    static let sizes: [ChunkCase] = [
        .refused("no size", "\r\n", .chunkSizeMalformed),
        .refused("extension alone", ";a=b\r\n", .chunkSizeMalformed),
        .refused("plus", "+5\r\nhello\r\n", .chunkSizeMalformed),
        .refused("minus", "-5\r\nhello\r\n", .chunkSizeMalformed),
        .refused("minus zero", "-0\r\n\r\n", .chunkSizeMalformed),
        .refused("0x", "0x5\r\nhello\r\n", .chunkSizeMalformed),
        .refused("0X", "0X5\r\nhello\r\n", .chunkSizeMalformed),
        .refused("space before", " 5\r\nhello\r\n", .chunkSizeMalformed),
        .refused("space behind", "5 \r\nhello\r\n", .chunkSizeMalformed),
        .refused("tab behind", "5\t\r\nhello\r\n", .chunkSizeMalformed),
        .refused("space inside", "5 5\r\nhello\r\n", .chunkSizeMalformed),
        .refused("letter", "g\r\n", .chunkSizeMalformed),
        .refused("letter behind", "5g\r\nhello\r\n", .chunkSizeMalformed),
        .refused("h behind", "5h\r\nhello\r\n", .chunkSizeMalformed),
        .refused("underscore", "1_0\r\n", .chunkSizeMalformed),
        .refused("comma", "5,5\r\nhello\r\n", .chunkSizeMalformed),
        .refused("fraction", "5.0\r\nhello\r\n", .chunkSizeMalformed),
        .refused("null", "5\0\r\nhello\r\n", .chunkSizeMalformed),
        .refused("vertical tab", "\u{0B}5\r\nhello\r\n", .chunkSizeMalformed),
        .refused("quotes", "\"5\"\r\nhello\r\n", .chunkSizeMalformed),
        .refused("non-ASCII digit", "\u{B2}\r\nab\r\n", .chunkSizeMalformed),
        .refused("2^63", "8000000000000000\r\n", .chunkSizeOverflow),
        .refused("2^64 - 1", "ffffffffffffffff\r\n", .chunkSizeOverflow),
        .refused("2^64", "10000000000000000\r\n", .chunkSizeOverflow),
        .refused("2^64 + 5", "10000000000000005\r\nhello\r\n", .chunkSizeOverflow),
        .refused("2^32 as two", "fffffffff00000000\r\n", .chunkSizeOverflow),
        .refused("2^63 behind zeros", "00008000000000000000\r\n", .chunkSizeOverflow),
        .refused("bare LF behind the size", "5\nhello\r\n0\r\n\r\n", .bareLineFeed),
        .refused("bare LF alone", "\n", .bareLineFeed),
        .refused("bare CR behind the size", "5\rhello\r\n0\r\n\r\n", .bareCarriageReturn),
        .refused("bare CR before the line end", "5\r\r\nhello\r\n", .bareCarriageReturn),
        .refused("bare CR before the size", "\r5\r\nhello\r\n", .chunkSizeMalformed),
        .refused("bare LF behind the last size", "0\n\r\n", .bareLineFeed),
    ]

    static let extensions: [ChunkCase] = [
        .refused("no name", "5;\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("no name behind a space", "5; \r\nhello\r\n", .chunkExtensionMalformed),
        .refused("two semicolons", "5;;a\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("semicolon behind", "5;a;\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("no value", "5;a=\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("value alone", "5;=b\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("two values", "5;a=b=c\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("space inside", "5;a b\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("space behind", "5;a \r\nhello\r\n", .chunkExtensionMalformed),
        .refused("space behind a value", "5;a=b \r\nhello\r\n", .chunkExtensionMalformed),
        .refused("comma", "5;a,b\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("quote not closed", "5;a=\"b\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("quote not opened", "5;a=b\"\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("text behind a quote", "5;a=\"b\"c\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("quoted name", "5;\"a\"=b\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("backslash behind", "5;a=\"b\\\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("escaped closing quote", "5;a=\"b\\\"\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("null in a name", "5;a\0\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("null in quotes", "5;a=\"\0\"\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("escaped null", "5;a=\"\\\0\"\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("escaped delete", "5;a=\"\\\u{7F}\"\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("delete in quotes", "5;a=\"\u{7F}\"\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("non-ASCII name", "5;\u{E9}\r\nhello\r\n", .chunkExtensionMalformed),
        .refused("bare LF (TERM.EXT)", "2;\nxx\r\n45\r\n0\r\n\r\n", .bareLineFeed),
        .refused("bare LF in quotes", "5;a=\"\n\"\r\nhello\r\n", .bareLineFeed),
        .refused("bare CR", "5;a\rb\r\nhello\r\n", .bareCarriageReturn),
        .refused("bare CR in quotes", "5;a=\"\r\"\r\nhello\r\n", .bareCarriageReturn),
        .refused("bare CR behind the semicolon", "5;\ra\r\nhello\r\n", .bareCarriageReturn),
    ]

    static let data: [ChunkCase] = [
        .refused("no line end", "5\r\nhello0\r\n\r\n", .chunkEndMalformed),
        .refused("bare LF", "5\r\nhello\n0\r\n\r\n", .chunkEndMalformed),
        .refused("bare CR", "5\r\nhello\r0\r\n\r\n", .chunkEndMalformed),
        .refused("data too long", "5\r\nhello!\r\n0\r\n\r\n", .chunkEndMalformed),
        .refused("two bytes too long (TERM.SPILL)", "5\r\nhelloXX0\r\n\r\n", .chunkEndMalformed),
        .refused("data too short", "5\r\nhell\r\n0\r\n\r\n", .chunkEndMalformed),
        .refused("empty line behind", "5\r\nhello\r\n\r\n0\r\n\r\n", .chunkSizeMalformed),
    ]

    static let trailers: [ChunkCase] = [
        .refused("space before the colon", "0\r\nA : b\r\n\r\n", .spaceBeforeColon),
        .refused("no colon", "0\r\nA\r\n\r\n", .colonMissing),
        .refused("no name", "0\r\n: b\r\n\r\n", .fieldNameMissing),
        .refused("folded", "0\r\nA: b\r\n c\r\n\r\n", .obsoleteFolding),
        .refused("folded from the start", "0\r\n A: b\r\n\r\n", .obsoleteFolding),
        .refused("null", "0\r\nA: \0\r\n\r\n", .valueNull),
        .refused("control character", "0\r\nA: \u{01}\r\n\r\n", .valueControl),
        .refused("bare LF behind", "0\r\nA: b\n\r\n", .bareLineFeed),
        .refused("bare LF as the empty line", "0\r\n\n", .bareLineFeed),
        .refused("bare CR", "0\r\nA: b\rc\r\n\r\n", .bareCarriageReturn),
        .refused("bare CR as the empty line", "0\r\n\r0\r\n", .bareCarriageReturn),
        .refused("a request", "0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .fieldNameMalformed),
    ]

    /// Those that are too large, with small limits.
    static let large: [ChunkCase] = tooLarge.map {
        var body = $0
        body.limits = RefusedLimits.limits
        return body
    }

    private static let tooLarge: [ChunkCase] = [
        .refused("size line of 33 bytes", "\(repeating("0", 30))1\r\n", .chunkLineTooLong),
        .refused("size without an end", repeating("0", 200), .chunkLineTooLong),
        .refused("extension without an end", "5;\(repeating("a", 99))", .chunkLineTooLong),
        .refused("trailer too long", "0\r\nA: \(repeating("a", 46))\r\n\r\n", .fieldTooLong),
        .refused("trailer without an end", "0\r\nA: \(repeating("a", 99))", .trailersTooLarge),
        .refused(
            "trailers too large together",
            "0\r\nA: \(repeating("a", 40))\r\nB: 01234567890123456789\r\n\r\n",
            .trailersTooLarge),
        .refused(
            "empty line too late", "0\r\nA: \(repeating("a", 40))\r\nB: 0123456789012\r\n\r\n",
            .trailersTooLarge),
        .refused("three trailers", "0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", .tooManyTrailers),
    ]
}
