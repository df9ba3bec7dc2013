@testable import TrafficRouter

/// Heads that are too large, with small limits.
enum RefusedLimits {
    static let limits = HeadLimits(
        maxHeadBytes: 224, maxFields: 4, maxLineBytes: 64, maxFieldBytes: 48, maxChunkLineBytes: 32,
        maxTrailerBytes: 64,
        maxTrailers: 2)

    static let all: [RefusedRequest] = tooLarge.map {
        var request = $0
        request.limits = limits
        return request
    }

    private static let tooLarge: [RefusedRequest] = [
        .target("line of 65 bytes", "/\(repeating("a", 51))", .requestLineTooLong, 414),
        .target("long query", "/?\(repeating("a", 80))", .requestLineTooLong, 414),
        .target("target larger than a head", "/\(repeating("a", 999))", .requestLineTooLong, 414),
        .target("long absolute form", "http://a/\(repeating("a", 80))", .requestLineTooLong, 414),
        .raw("target without an end", "GET /\(repeating("a", 400))", .requestLineTooLong, 414),
        .raw("method without an end", repeating("A", 400), .requestLineTooLong, 414),
        .raw(
            "line without an end behind an empty one", "\r\n\(repeating("A", 400))",
            .requestLineTooLong, 414),
        .fields("five fields", "A: 1\r\nB: 2\r\nC: 3\r\nD: 4", .tooManyFields, 431),
        .fields("field of 49 bytes", "X: \(repeating("a", 46))", .fieldTooLong, 431),
        .fields("name of 48 letters", "\(repeating("a", 48)):", .fieldTooLong, 431),
        .fields("blanks before a value", "X:\(repeating(" ", 46))a", .fieldTooLong, 431),
        .fields("blanks behind a value", "X: a\(repeating("\t", 46))", .fieldTooLong, 431),
        .fields("head of more than 224 bytes", "X: \(repeating("a", 300))", .headTooLarge, 431),
        .fields(
            "many long fields", repeating("X: \(repeating("a", 40))\r\n", 9),
            .headTooLarge, 431),
        .raw(
            "head without an end", "GET / HTTP/1.1\r\nHost: a\r\n\(repeating("X: y\r\n", 99))",
            .headTooLarge, 431),
        .raw("name without an end", "GET / HTTP/1.1\r\n\(repeating("a", 999))", .headTooLarge, 431),
        .raw("empty line one byte too late", exactly(225), .headTooLarge, 431),
    ]

    /// A sound head of `count` bytes, from 182 up to 227.
    static func exactly(_ count: Int) -> String {
        let long = "X: \(repeating("a", 45))\r\n"
        let start = "GET /\(repeating("a", 50)) HTTP/1.1\r\nHost: a\r\n" + long + long
        let rest = count - start.utf8.count - 2 - 5
        return start + "Y: " + String(repeating: "b", count: rest) + "\r\n\r\n"
    }
}
