/// Puts `***` in place of secrets in a stream of output, wherever its pieces are cut.
///
/// A secret of several lines is masked as a whole and line by line, since tools print it that way. What a program makes
/// of a secret (Base64, part of it) is not recognised.
struct OutputMask {
    /// Shorter secrets cannot be told from other text.
    static let secretMinimum = 4
    static let replacement = Array("***".utf8)

    /// Longest first, so that a secret which begins with another is masked whole.
    private let secrets: [[UInt8]]
    private let begins: [Bool]
    private var held: [UInt8] = []

    init(_ values: [[UInt8]]) {
        var found: Set<[UInt8]> = []
        for value in values {
            let lines = value.split(whereSeparator: { $0 == 10 || $0 == 13 }).map(Array.init)
            for piece in [value] + lines + lines.map(Self.trimmed) where piece.count >= Self.secretMinimum {
                found.insert(piece)
            }
            // A terminal or a Windows tool ends lines in two characters.
            if lines.count > 1 { found.insert(Array(lines.joined(separator: [13, 10]))) }
        }
        secrets = found.sorted { $0.count > $1.count || $0.count == $1.count && $0.lexicographicallyPrecedes($1) }
        var begins = [Bool](repeating: false, count: 256)
        for secret in secrets { begins[Int(secret[0])] = true }
        self.begins = begins
    }

    /// Takes a piece of output.
    ///
    /// - Returns: what may be shown of it and of what was held back before: an end that could be the beginning of a
    ///   secret waits for the next piece.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        guard !secrets.isEmpty else { return Array(bytes) }
        held += bytes
        return release(whole: false)
    }

    /// What is held back, when nothing comes any more.
    mutating func flush() -> [UInt8] { release(whole: true) }

    /// A whole text, masked.
    func masked(_ text: String) -> String {
        var copy = self
        copy.held = []
        let bytes = copy.take(Array(text.utf8)[...])
        return String(decoding: bytes + copy.flush(), as: UTF8.self)
    }

    private mutating func release(whole: Bool) -> [UInt8] {
        var shown: [UInt8] = []
        shown.reserveCapacity(held.count)
        var at = 0
        let end = held.count
        held.withUnsafeBufferPointer { bytes in
            while at < end {
                guard begins[Int(bytes[at])] else {
                    shown.append(bytes[at])
                    at += 1
                    continue
                }
                switch match(bytes, at, whole: whole) {
                case .secret(let count):
                    shown += Self.replacement
                    at += count
                case .beginning: return
                case .none:
                    shown.append(bytes[at])
                    at += 1
                }
            }
        }
        held.removeFirst(at)
        return shown
    }

    private enum Match {
        case secret(Int)
        /// The bytes end before it is clear.
        case beginning
        case none
    }

    private func match(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int, whole: Bool) -> Match {
        let rest = bytes.count - at
        for secret in secrets where secret[0] == bytes[at] {
            let common = min(rest, secret.count)
            var same = 1
            while same < common, bytes[at + same] == secret[same] { same += 1 }
            guard same == common else { continue }
            if common == secret.count { return .secret(common) }
            if !whole { return .beginning }
        }
        return .none
    }

    private static func trimmed(_ line: [UInt8]) -> [UInt8] {
        let blank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
        return Array(line.drop(while: blank).reversed().drop(while: blank).reversed())
    }
}
