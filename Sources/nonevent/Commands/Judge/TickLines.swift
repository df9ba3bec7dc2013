import DeliveryModel
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Ticks from standard input, one JSON object a line, each handed out as soon as its line is there.
struct TickLines {
    /// Bytes of one line: 1 MiB.
    static let lineBytes = 1 << 20
    private static let chunkBytes = 64 << 10

    private var buffer: [UInt8] = []
    /// Where in `buffer` the next line begins, and how far it was looked through for a line end.
    private var start = 0
    private var scanned = 0
    private var isAtEnd = false
    private var previous: Double?
    /// Of the line handed out last, from 1.
    private(set) var line = 0

    /// - Returns: the next tick that can be judged, `nil` at the end; blank lines are passed over.
    /// - Throws: `CommandFailure(.badInput)` with the line's number.
    mutating func next() throws -> JudgeTick? {
        while let bytes = try nextLine() {
            line += 1
            guard bytes.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) else { continue }
            let tick: JudgeTick
            do {
                tick = try JSONDecoder().decode(JudgeTick.self, from: Data(bytes))
                _ = try JSONDecoder().decode(TickKeys.self, from: Data(bytes))
            } catch let unknown as TickKeys.Unknown {
                throw problem(unknown.words)
            } catch {
                throw problem(Self.words(error))
            }
            if let words = tick.problem(after: previous) { throw problem(words) }
            previous = tick.t
            return tick
        }
        return nil
    }

    /// What is wrong with the last line, as an error.
    func problem(_ words: String) -> CommandFailure {
        CommandFailure(.badInput, "standard input:\(line): \(TerminalText.harmless(words))")
    }

    /// - Returns: the bytes up to and without the line end.
    private mutating func nextLine() throws -> ArraySlice<UInt8>? {
        while true {
            if let end = buffer[scanned...].firstIndex(of: 0x0A) {
                let bytes = buffer[start..<end]
                (start, scanned) = (end + 1, end + 1)
                guard bytes.count <= Self.lineBytes else { throw tooLong() }
                return bytes
            }
            scanned = buffer.count
            guard buffer.count - start <= Self.lineBytes else { throw tooLong() }
            if isAtEnd {
                let rest = buffer[start...]
                start = buffer.count
                return rest.isEmpty ? nil : rest
            }
            try fill()
        }
    }

    private mutating func tooLong() -> CommandFailure {
        line += 1
        return problem("expected a tick of at most \(Self.lineBytes) bytes, found a longer line")
    }

    private mutating func fill() throws {
        buffer.removeFirst(start)
        (start, scanned) = (0, buffer.count)
        var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
        let count = chunk.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { return }
        guard count >= 0 else {
            throw CommandFailure(.badInput, "standard input cannot be read: \(String(cString: strerror(errno)))")
        }
        isAtEnd = count == 0
        buffer += chunk[..<count]
    }
}

extension TickLines {
    /// A decoder's error as a person wants it: where, what was expected, what was found.
    private static func words(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, let context):
            return place(context) + "expected \"\(key.stringValue)\", found none"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let expected =
                type == Double.self
                ? "a number"
                : type == String.self
                    ? "a text" : context.debugDescription.contains("Array") ? "a list" : "a JSON object"
            return place(context) + mismatch(context.debugDescription, expected)
        case .dataCorrupted(let context):
            guard context.codingPath.isEmpty else { return place(context) + context.debugDescription }
            let cause = context.underlyingError.map { " (\($0))" } ?? ""
            return "expected a tick as one JSON object a line, with numbers as JSON has them: "
                + context.debugDescription + cause
        @unknown default: return "\(error)"
        }
    }

    /// - Parameter told: the decoder's own words, `Expected to decode Double but found a string instead.`
    private static func mismatch(_ told: String, _ expected: String) -> String {
        if told.hasPrefix("Expected Int key") { return "expected a bucket's number as the name" }
        let words = told.split { $0 == " " || $0 == "." }
        guard let from = words.lastIndex(of: "found"), words.last == "instead", from + 2 < words.count else {
            return told
        }
        let found = words[(from + 1)..<(words.count - 1)].joined(separator: " ")
        return "expected \(expected), found " + (found.hasPrefix("a") ? found : "a " + found)
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { key in key.intValue.map { "entry \($0 + 1)" } ?? key.stringValue }
            .joined(separator: ".")
        return path.isEmpty ? "" : path + ": "
    }
}
