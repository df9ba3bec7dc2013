#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The open log file. Used by the writer's thread only; its calls may wait for the disk.
struct AccessLogFile: ~Copyable {
    enum Written: Equatable {
        case all
        /// So many bytes were written before the system refused, and its number for why.
        case failed(after: Int, code: CInt)
    }

    let path: String
    private var descriptor: CInt = -1
    private var isStandardOutput: Bool { path == "-" }

    init(path: String) { self.path = path }

    deinit { if descriptor >= 0, path != "-" { close(descriptor) } }

    var isOpen: Bool { descriptor >= 0 }

    /// - Returns: 0, or the system's number for why the file cannot be opened; then it is as it was.
    mutating func reopen() -> CInt {
        if isStandardOutput {
            descriptor = 1
            return 0
        }
        let opened = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o640)
        guard opened >= 0 else { return errno }
        if descriptor >= 0 { close(descriptor) }
        descriptor = opened
        return 0
    }

    /// Whether the path leads to another file than the open one, or to none: it was rotated.
    func wasReplaced() -> Bool {
        guard !isStandardOutput, descriptor >= 0 else { return false }
        var (there, here) = (stat(), stat())
        guard fstat(descriptor, &here) == 0 else { return true }
        guard stat(path, &there) == 0 else { return errno == ENOENT }
        return there.st_ino != here.st_ino || there.st_dev != here.st_dev
    }

    /// Writes bytes from `start` on.
    func write(_ bytes: [UInt8], from start: Int) -> Written {
        var at = start
        while at < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[at...])
                #if canImport(Glibc)
                    return Glibc.write(descriptor, rest.baseAddress, rest.count)
                #elseif canImport(Musl)
                    return Musl.write(descriptor, rest.baseAddress, rest.count)
                #else
                    return Darwin.write(descriptor, rest.baseAddress, rest.count)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .failed(after: at - start, code: count < 0 ? errno : EIO) }
            at += count
        }
        return .all
    }

    static func reason(_ code: CInt) -> String { String(cString: strerror(code)) }
}
