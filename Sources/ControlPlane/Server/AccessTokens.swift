import FoundationEssentials
import Glibc
import Synchronization

/// The tokens of a data directory: one that may do all, one that may only read; files of mode 0600, made at the first
/// start.
public struct AccessTokens: Sendable {
    public enum Right: Sendable { case read, write }

    public let admin: String
    public let reader: String

    /// - Parameter draw: 32 random bytes.
    public init(directory: String, draw: () -> [UInt8]) throws {
        admin = try Self.load(directory + "/token", draw)
        reader = try Self.load(directory + "/token.read", draw)
    }

    /// What the bearer of a token may do; `nil` for an unknown token. Compares in constant time.
    public func right(of token: String) -> Right? {
        if Self.same(token, admin) { return .write }
        return Self.same(token, reader) ? .read : nil
    }

    private static func same(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func load(_ path: String, _ draw: () -> [UInt8]) throws -> String {
        if let data = try? Data(contentsOf: URL(fileURLWithPath: path)) {
            let token = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
            if token.utf8.count >= 32 { return token }
        }
        let digits = Array("0123456789abcdef")
        let token = String(draw().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
        try PrivateFile.write(token + "\n", to: path)
        return token
    }
}

/// A file that only its owner may read, there whole or not at all.
public enum PrivateFile {
    public static func write(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ServeError("cannot write \(path): \(String(cString: strerror(errno)))") }
        let bytes = Array(text.utf8)
        let written = Glibc.write(file, bytes, bytes.count)
        let isSafe = written == bytes.count && fsync(file) == 0
        close(file)
        guard isSafe, rename(temporary, path) == 0 else {
            throw ServeError("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}

/// Why the control plane cannot start: what was found and what to do.
public struct ServeError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
