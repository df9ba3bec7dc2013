import Testing

@testable import TrafficRouter

/// A request that must be refused, and why.
struct RefusedRequest: CustomTestStringConvertible, Sendable {
    var name: String
    var bytes: [UInt8]
    var code: HeadFlaw.Code
    var status: Int
    var limits = HeadLimits()
    var testDescription: String { name }

    /// A whole request.
    static func raw(_ name: String, _ text: String, _ code: HeadFlaw.Code, _ status: Int = 400) -> Self {
        Self(name: name, bytes: latin(text), code: code, status: status)
    }

    /// A request line without its line end, before a sound Host field.
    static func line(_ name: String, _ line: String, _ code: HeadFlaw.Code, _ status: Int = 400) -> Self {
        raw(name, line + "\r\nHost: a\r\n\r\n", code, status)
    }

    /// A target in a sound GET to the host `a`.
    static func target(_ name: String, _ target: String, _ code: HeadFlaw.Code, _ status: Int = 400) -> Self {
        line(name, "GET " + target + " HTTP/1.1", code, status)
    }

    /// Field lines without the last line end, behind a sound Host field.
    static func fields(_ name: String, _ fields: String, _ code: HeadFlaw.Code, _ status: Int = 400) -> Self {
        raw(name, "POST /p HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n", code, status)
    }

    /// The value of a Host field.
    static func host(_ name: String, _ host: String, _ code: HeadFlaw.Code, _ status: Int = 400) -> Self {
        raw(name, "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n", code, status)
    }

    static var all: [RefusedRequest] {
        RefusedLines.all + RefusedTargets.all + RefusedHosts.all + RefusedFields.all + RefusedLengths.all
            + RefusedCodings.all + RefusedLimits.all
    }
}

/// A request that must be taken, and what it must mean.
struct AcceptedRequest: CustomTestStringConvertible, Sendable {
    var name: String
    var bytes: [UInt8]
    var meaning: HeadMeaning
    var testDescription: String { name }

    init(_ name: String, _ text: String, _ change: (inout HeadMeaning) -> Void = { _ in }) {
        self.name = name
        bytes = latin(text)
        meaning = HeadMeaning()
        change(&meaning)
    }

    /// A target in a GET to the host `a`.
    static func target(_ target: String, path: String, query: String? = nil) -> Self {
        Self("target \(target)", "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n") {
            $0.path = path
            $0.query = query
        }
    }

    /// The value of a Host field.
    static func host(_ host: String, name: String) -> Self {
        Self("host \(host)", "GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") {
            $0.host = host
            $0.hostName = name
        }
    }

    /// Field lines without the last line end, behind a Host field.
    static func fields(_ name: String, _ fields: String, _ count: Int, _ change: (inout HeadMeaning) -> Void) -> Self {
        Self(name, "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n") {
            $0.method = .post
            $0.fieldCount = count + 1
            change(&$0)
        }
    }
}
