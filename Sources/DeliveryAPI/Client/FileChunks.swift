import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes of a file in chunks, read as they are asked for.
struct FileChunks: AsyncSequence, Sendable {
    let path: String
    let chunkBytes: Int

    /// Bytes in the file now.
    static func size(of path: String) throws -> Int64 {
        var status = stat()
        guard stat(path, &status) == 0 else { throw IOError(errnoCode: errno, reason: "cannot look at \(path)") }
        return Int64(status.st_size)
    }

    func makeAsyncIterator() -> Iterator { Iterator(path: path, chunkBytes: chunkBytes) }

    final class Iterator: AsyncIteratorProtocol {
        private let path: String
        private let chunkBytes: Int
        private var descriptor: Int32 = -1

        init(path: String, chunkBytes: Int) {
            self.path = path
            self.chunkBytes = chunkBytes
        }

        func next() async throws -> ByteBuffer? {
            if descriptor < 0 {
                descriptor = open(path, O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "cannot open \(path)") }
            }
            var buffer = ByteBufferAllocator().buffer(capacity: chunkBytes)
            var count = 0
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: chunkBytes) { space in
                count = read(descriptor, space.baseAddress, Swift.min(space.count, chunkBytes))
                return Swift.max(0, count)
            }
            guard count >= 0 else { throw IOError(errnoCode: errno, reason: "cannot read \(path)") }
            return count == 0 ? nil : buffer
        }

        deinit {
            if descriptor >= 0 { close(descriptor) }
        }
    }
}
