import Glibc
public import SystemPackage

/// A file that one process at a time holds (flock(2)); the system lets go of it when the process dies.
public struct FileLock: Sendable {
    /// The open file. Whoever gets a copy of it holds the lock too.
    public let descriptor: CInt

    /// So long a lock that another holds is waited for. It may be held by chance: by one who only looks, or by a copy
    /// in a child between fork and exec, which closes it at once.
    public static let patience = Duration.milliseconds(300)
    /// In microseconds.
    private static let pause: UInt32 = 5_000

    /// One that was handed over.
    public init(descriptor: CInt) { self.descriptor = descriptor }

    /// Opens the file, made if need be, and locks it.
    ///
    /// - Parameter patience: how long to wait while another holds it.
    /// - Returns: `nil` when another holds it.
    /// - Throws: why the file cannot be opened or locked.
    public static func take(_ path: String, patience: Duration = Self.patience) throws(Errno) -> FileLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        let deadline = ContinuousClock.now + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            guard code == EWOULDBLOCK, .now < deadline else {
                close(descriptor)
                if code == EWOULDBLOCK { return nil }
                throw Errno(rawValue: code)
            }
            usleep(pause)
        }
        return FileLock(descriptor: descriptor)
    }

    /// Whether somebody holds it. Does not wait.
    public static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Shared, so that two who look do not take each other for the holder.
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    /// Lets go of it, whoever has a copy.
    public func release() {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Closes the file here, while who got a copy holds the lock.
    public func giveAway() { close(descriptor) }
}
