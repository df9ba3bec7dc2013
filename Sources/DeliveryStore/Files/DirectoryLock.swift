import Glibc
import SystemCalls
import SystemPackage

/// An exclusive lock on a data directory, held for as long as the object lives; the kernel frees it when the process
/// dies.
/// `flock` belongs to the open file, so a second open in the same process conflicts too.
final class DirectoryLock: Sendable {
    private static let longestContent = 64
    private let lock: FileLock

    /// - Throws: `.locked` naming the process that holds `directory`.
    init(directory: String) throws(StoreError) {
        let path = directory + "/lock"
        let taken: FileLock?
        do { taken = try FileLock.take(path) } catch { throw .posix("lock", path, error.rawValue) }
        guard let taken else {
            let content = (try? FileTree.read(path, limit: Self.longestContent)) ?? []
            let owner = String(decoding: content.prefix { (48...57).contains($0) }, as: UTF8.self)
            throw StoreError(
                .locked,
                "another control plane (pid \(owner.isEmpty ? "unknown" : owner)) uses \(directory); "
                    + "stop it or give another --data")
        }
        lock = taken
        // Short enough to be written whole.
        let content = Array("\(getpid())\n".utf8)
        guard ftruncate(lock.descriptor, 0) == 0,
            pwrite(lock.descriptor, content, content.count, 0) == content.count
        else { throw StoreError.posix("write", path) }
    }

    deinit { lock.release() }
}
