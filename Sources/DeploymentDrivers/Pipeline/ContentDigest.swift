import Crypto

/// SHA-256 over a list of texts, each with its length before it, so that no two lists look alike.
struct ContentDigest {
    private var hash = SHA256()

    mutating func add(_ bytes: some Collection<UInt8>) {
        hash.update(data: Array("\(bytes.count):".utf8))
        hash.update(data: Array(bytes))
    }

    mutating func add(_ text: String) { add(text.utf8) }

    func hexadecimal() -> String { Self.hexadecimal(hash.finalize()) }

    static func hexadecimal(of bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    private static func hexadecimal(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef")
        return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
