import Glibc

/// How much room there is, for programs that fail without saying why.
enum DiskSpace {
    /// With less than this a disk counts as full.
    private static let least = 256 << 10

    /// Bytes that may still be written at a path, or at the directory above it that exists; `nil`: unknown.
    static func bytes(at path: String) -> Int? {
        var status = statvfs()
        if statvfs(path, &status) == 0 { return Int(status.f_bavail) * Int(status.f_frsize) }
        guard errno == ENOENT, let parent = ShimFiles.parent(of: path) else { return nil }
        return bytes(at: parent)
    }

    static func isUsedUp(at path: String) -> Bool { bytes(at: path).map { $0 < least } ?? false }
}
