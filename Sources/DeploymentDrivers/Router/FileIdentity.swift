import Glibc

/// Tells one file from another, and from itself before it was written anew: device, inode, size and time.
public enum FileIdentity {
    /// - Returns: `nil` when there is no such file.
    public static func of(_ path: String) -> String? {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        let time = found.st_mtim
        return "\(found.st_dev):\(found.st_ino):\(found.st_size):\(time.tv_sec).\(time.tv_nsec)"
    }

    /// Of the program that runs here, also when its file has been replaced meanwhile.
    public static var running: String? { of("/proc/self/exe") }
}
