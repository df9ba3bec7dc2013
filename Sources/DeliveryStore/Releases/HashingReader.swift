import Crypto
import DeliveryModel
import Glibc

/// Reads a blob from front to end and hashes all that passes, so that what was read can be judged afterwards.
final class HashingReader {
    private let file: OpenFile
    private var hash = SHA256()
    private var buffer = [UInt8](repeating: 0, count: ReleaseLimits.chunk)

    init(_ path: String) throws(StoreError) {
        file = try OpenFile(path, flags: O_RDONLY)
    }

    /// Up to `limit` bytes; empty at the end.
    func next(limit: Int) throws(StoreError) -> ArraySlice<UInt8> {
        let count = try file.read(into: &buffer, limit: limit)
        buffer.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        return buffer[..<count]
    }

    /// Exactly `count` bytes, or fewer when the blob ends.
    func read(_ count: Int) throws(StoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let piece = try next(limit: count - bytes.count)
            if piece.isEmpty { break }
            bytes.append(contentsOf: piece)
        }
        return bytes
    }

    /// Reads what is left and says whether the whole blob has this digest.
    func matches(_ digest: ReleaseDigest) throws(StoreError) -> Bool {
        while try !next(limit: ReleaseLimits.chunk).isEmpty {}
        return Hexadecimal.text(hash.finalize()) == digest.hex
    }
}
