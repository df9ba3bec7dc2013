import Crypto
import DeliveryModel
import Glibc
import Synchronization

/// Takes the bytes of one blob in any number of pieces, from any thread, and lets it appear whole and verified, or not
/// at all.
/// A writer that is dropped before ``finish(mediaType:)`` leaves nothing.
public final class BlobWriter: Sendable {
    private struct State {
        var hash = SHA256()
        var size: Int64 = 0
        var open = true
    }

    private let store: BlobStore
    private let expected: ReleaseDigest?
    private let file: OpenFile
    private let state = Mutex(State())

    /// - Parameter expected: `nil` takes any bytes; the digest is what comes out.
    init(store: BlobStore, expected: ReleaseDigest?) throws(StoreError) {
        self.store = store
        self.expected = expected
        file = try store.newTemporaryFile()
    }

    deinit {
        if state.withLock({ $0.open }) { unlink(file.path) }
    }

    /// Adds bytes at the end. - Throws: `.refused` beyond ``ReleaseLimits/blobBytes``, `.full`, `.io`.
    public func append(_ bytes: [UInt8]) throws(StoreError) {
        try append(bytes[...])
    }

    func append(_ bytes: ArraySlice<UInt8>) throws(StoreError) {
        try locked { state in
            guard state.open else { throw StoreError(.refused, "the blob is already finished") }
            state.size += Int64(bytes.count)
            guard state.size <= ReleaseLimits.blobBytes else {
                throw StoreError(.refused, "a blob has at most \(ReleaseLimits.blobBytes) bytes; this one has more")
            }
            try bytes.withUnsafeBytes { buffer in
                state.hash.update(bufferPointer: buffer)
                try self.file.write(buffer)
            }
        }
    }

    /// Checks the digest, waits until the bytes are on the disk, and gives the blob its name. It may be there already.
    /// - Throws: `.digestMismatch` when the bytes are not those that were announced; nothing is kept then.
    public func finish(mediaType: String = "application/octet-stream") throws(StoreError) -> BlobDescriptor {
        try locked { state in
            guard state.open else { throw StoreError(.refused, "the blob is already finished") }
            let hex = Hexadecimal.text(state.hash.finalize())
            guard let digest = ReleaseDigest(hex) else { throw StoreError(.io, "SHA-256 gave '\(hex)'") }
            if let expected = self.expected, expected != digest {
                throw StoreError(
                    .digestMismatch,
                    "expected a blob with digest \(expected), got \(state.size) bytes with digest \(digest); "
                        + "send it again"
                )
            }
            try self.file.sync()
            try FileTree.rename(self.file.path, to: self.store.path(digest))
            state.open = false
            return BlobDescriptor(mediaType: mediaType, digest: digest, size: state.size)
        }
    }

    private func locked<Value: Sendable>(_ body: (inout State) throws -> Value) throws(StoreError) -> Value {
        do {
            return try state.withLock { state in try body(&state) }
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.io, "cannot write \(file.path): \(error)")
        }
    }
}
