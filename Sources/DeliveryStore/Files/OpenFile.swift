import Glibc

/// An open file; closed when the last reference goes. Safe to share: it holds only the descriptor's number, which never
/// changes.
final class OpenFile: Sendable {
    let descriptor: Int32
    let path: String

    init(_ path: String, flags: Int32, mode: mode_t = 0o644) throws(StoreError) {
        let opened = open(path, flags | O_CLOEXEC, mode)
        guard opened >= 0 else { throw StoreError.posix("open", path) }
        descriptor = opened
        self.path = path
    }

    deinit { close(descriptor) }

    func write(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let count = Glibc.write(descriptor, start, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw StoreError.posix("write", path)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    func write(_ bytes: [UInt8]) throws(StoreError) {
        do {
            try bytes.withUnsafeBytes { buffer in try write(buffer) }
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.io, "cannot write \(path): \(error)")
        }
    }

    /// Fills the front of `buffer`; returns how many bytes came, 0 at the end of the file.
    func read(into buffer: inout [UInt8], limit: Int) throws(StoreError) -> Int {
        let wanted = min(limit, buffer.count)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, wanted) }
            if count >= 0 { return count }
            if errno != EINTR { throw StoreError.posix("read", path) }
        }
    }

    /// Waits until the bytes are on the disk.
    func sync() throws(StoreError) {
        guard fsync(descriptor) == 0 else { throw StoreError.posix("sync", path) }
    }

    func status() throws(StoreError) -> FileStatus {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw StoreError.posix("examine", path) }
        return FileStatus(status)
    }
}
