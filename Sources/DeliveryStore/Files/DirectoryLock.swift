import Glibc

/// An exclusive lock on a data directory, held for as long as the object lives; the kernel frees it when the process
/// dies.
/// `flock` belongs to the open file, so a second open in the same process conflicts too.
final class DirectoryLock: Sendable {
    private static let longestContent = 64
    private let file: OpenFile

    /// - Throws: `.locked` naming the process that holds `directory`.
    init(directory: String) throws(StoreError) {
        let path = directory + "/lock"
        file = try OpenFile(path, flags: O_RDWR | O_CREAT, mode: 0o600)
        while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw StoreError.posix("lock", path) }
            let content = (try? FileTree.read(path, limit: Self.longestContent)) ?? []
            let owner = String(decoding: content.prefix { (48...57).contains($0) }, as: UTF8.self)
            throw StoreError(
                .locked,
                "another control plane (pid \(owner.isEmpty ? "unknown" : owner)) uses \(directory); "
                    + "stop it or give another --data")
        }
        guard ftruncate(file.descriptor, 0) == 0 else { throw StoreError.posix("write", path) }
        try file.write(Array("\(getpid())\n".utf8))
    }
}
