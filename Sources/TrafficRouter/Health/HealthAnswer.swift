/// The request of an active check.
enum HealthRequest {
    /// - Parameters:
    ///   - path: as in the table: begins with `/`; what no request line may contain is percent-encoded.
    ///   - host: a name or a numeric address; one with a colon is put in brackets.
    /// - Returns: the whole request, which asks to close the connection afterwards (RFC 9112, section 9.6).
    static func bytes(path: String, host: String, port: Int) -> [UInt8] {
        let authority = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes = Array("GET ".utf8)
        for byte in path.utf8 {
            if byte > 0x20, byte < 0x7F {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        let rest =
            " HTTP/1.1\r\nhost: \(authority)\r\nuser-agent: nonevent-health\r\naccept: */*\r\nconnection: close\r\n\r\n"
        return bytes + Array(rest.utf8)
    }
}

/// Reads the status of the answer to a check, strictly, and nothing after it.
///
/// `HTTP/1.0` or `HTTP/1.1`, one space, three digits, then a reason after a space or the line's end. Interim answers
/// (1xx, but not 101) are passed over with their fields.
struct HealthAnswer: Sendable, Equatable {
    /// Bytes of interim answers and status line after which the answer is malformed.
    static let maxBytes = 8_192

    enum Verdict: Sendable, Equatable {
        case needMore
        /// Of the final answer: 200 to 599, or 101.
        case status(Int)
        case malformed
    }

    private enum Part { case statusLine, interimFields }

    private var part = Part.statusLine
    /// The status line so far, or the field line.
    private var line: [UInt8] = []
    private var taken = 0
    private var verdict = Verdict.needMore

    init() {}

    /// A verdict other than `.needMore` is final; later bytes change nothing.
    mutating func read(_ bytes: some Sequence<UInt8>) -> Verdict {
        guard verdict == .needMore else { return verdict }
        for byte in bytes {
            verdict = take(byte)
            if verdict != .needMore { return verdict }
        }
        return .needMore
    }

    private mutating func take(_ byte: UInt8) -> Verdict {
        taken += 1
        guard taken <= Self.maxBytes else { return .malformed }
        if line.last == UInt8(ascii: "\r") {
            guard byte == UInt8(ascii: "\n") else { return .malformed }
            line.removeLast()
            defer { line.removeAll(keepingCapacity: true) }
            return endLine()
        }
        // Only a tab and visible bytes may stand in a line; a line feed needs its carriage return.
        guard byte >= 0x20 || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r"), byte != 0x7F else {
            return .malformed
        }
        line.append(byte)
        // Whoever speaks another protocol is told from the first bytes, not after the deadline.
        return part == .statusLine && !isBeginningOfStatusLine(line) ? .malformed : .needMore
    }

    private mutating func endLine() -> Verdict {
        switch part {
        case .interimFields:
            if line.isEmpty { part = .statusLine }
            return .needMore
        case .statusLine:
            guard let status = status(line) else { return .malformed }
            if (100..<200).contains(status), status != 101 {
                part = .interimFields
                return .needMore
            }
            return .status(status)
        }
    }

    private func isBeginningOfStatusLine(_ line: [UInt8]) -> Bool {
        let template = StaticString("HTTP/1.")
        return template.withUTF8Buffer { wanted in
            zip(line, wanted).allSatisfy { $0 == $1 }
        }
    }

    private func status(_ line: [UInt8]) -> Int? {
        guard line.count >= 12, isBeginningOfStatusLine(line),
            line[7] == UInt8(ascii: "0") || line[7] == UInt8(ascii: "1"),
            line[8] == UInt8(ascii: " "), line.count == 12 || line[12] == UInt8(ascii: " ")
        else { return nil }
        var status = 0
        for byte in line[9..<12] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            status = status * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return (100..<600).contains(status) ? status : nil
    }
}
