import Glibc

/// What the store needs to know of a file, without following a symbolic link.
struct FileStatus {
    enum Kind { case file, directory, link, other }

    let kind: Kind
    let size: Int64
    let executable: Bool
    /// Seconds since the epoch.
    let modified: Int64

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        size = Int64(status.st_size)
        executable = status.st_mode & S_IXUSR != 0
        modified = Int64(status.st_mtim.tv_sec)
    }

    /// - Returns: `nil` when there is nothing at `path`.
    static func of(_ path: String) throws(StoreError) -> FileStatus? {
        var status = stat()
        if lstat(path, &status) == 0 { return FileStatus(status) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw StoreError.posix("examine", path)
    }
}
