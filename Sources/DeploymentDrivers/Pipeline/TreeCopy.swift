import Glibc

/// Copies files and directories from one tree into another, without following a link on either side.
///
/// Links are copied as links; pipes, sockets and devices are left out.
struct TreeCopy {
    /// Why a copy was not made.
    enum Failure: Error, CustomStringConvertible {
        case missing(String)
        /// A link stands where a directory is needed.
        case link(String)
        case tooLarge(Int)
        case tooMany(Int)
        case tooDeep(String)
        case system(SystemFailure)

        var description: String {
            switch self {
            case .missing(let path): "there is no '\(GitText.plain(path, limit: 200))'"
            case .link(let path): "a link is in the way at '\(GitText.plain(path, limit: 200))'"
            case .tooLarge(let limit): "there are more than \(limit) bytes, which are allowed"
            case .tooMany(let limit): "there are more than \(limit) files, which are allowed"
            case .tooDeep(let path): "'\(GitText.plain(path, limit: 200))' is nested too deeply"
            case .system(let failure): "\(failure)"
            }
        }
    }

    private static let pieceBytes = 256 << 10

    let source: String
    let destination: String
    let byteLimit: Int
    let fileLimit: Int
    private(set) var bytes = 0
    /// Files and links, without directories.
    private(set) var files = 0
    private var entries = 0
    private var buffer = [UInt8](repeating: 0, count: Self.pieceBytes)

    /// - Parameters:
    ///   - source: absolute path of a directory.
    ///   - destination: absolute path of a directory that exists.
    init(from source: String, to destination: String, byteLimit: Int, fileLimit: Int) {
        self.source = source
        self.destination = destination
        self.byteLimit = byteLimit
        self.fileLimit = fileLimit
    }

    /// Copies what is at `path` in one tree to the same path in the other, over what is there.
    ///
    /// - Parameter path: relative, with `/`, without `..`; `.` is everything.
    mutating func copy(_ path: String) throws(Failure) {
        let parts = path.split(separator: "/").filter { $0 != "." }
        var from = try root(source)
        defer { close(from) }
        var to = try root(destination)
        defer { close(to) }
        for part in parts.dropLast() {
            let name = DirectoryTree.cString(part)
            from = try replaced(from, by: DirectoryTree.openBelow(from, name), path)
            if mkdirat(to, name, 0o755) != 0 && errno != EEXIST { throw .system(SystemFailure("cannot make \(path)")) }
            to = try replaced(to, by: DirectoryTree.openBelow(to, name), path)
        }
        guard let last = parts.last else {
            try copyEntries(from, to, path, 0)
            return
        }
        try copyEntry(DirectoryTree.cString(last), from, to, path, 0)
    }

    private func root(_ path: String) throws(Failure) -> Int32 {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .system(SystemFailure("cannot open \(path)")) }
        return directory
    }

    private func replaced(_ old: Int32, by new: Int32, _ path: String) throws(Failure) -> Int32 {
        let reason = errno
        guard new >= 0 else { throw reason == ENOENT ? .missing(path) : .link(path) }
        close(old)
        return new
    }

    private mutating func copyEntries(_ from: Int32, _ to: Int32, _ path: String, _ depth: Int) throws(Failure) {
        guard depth < DirectoryTree.depthLimit else { throw .tooDeep(path) }
        for name in DirectoryTree.names(taking: dup(from)) {
            let text = String(decoding: name, as: UTF8.self)
            try copyEntry(name.map { CChar(bitPattern: $0) } + [0], from, to, "\(path)/\(text)", depth + 1)
        }
    }

    private mutating func copyEntry(
        _ name: [CChar], _ from: Int32, _ to: Int32, _ path: String, _ depth: Int
    ) throws(Failure) {
        var status = stat()
        guard fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw .missing(path) }
        entries += 1
        guard entries <= fileLimit else { throw .tooMany(fileLimit) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            if mkdirat(to, name, 0o700) != 0 && errno != EEXIST { throw .system(SystemFailure("cannot make \(path)")) }
            let below = DirectoryTree.openBelow(to, name)
            guard below >= 0 else { throw .link(path) }
            defer { close(below) }
            let inside = DirectoryTree.openBelow(from, name)
            guard inside >= 0 else { throw .system(SystemFailure("cannot open \(path)")) }
            defer { close(inside) }
            try copyEntries(inside, below, path, depth)
            fchmod(below, status.st_mode & 0o777 | 0o700)
        case S_IFREG: try copyFile(name, from, to, path, status)
        case S_IFLNK: try copyLink(name, from, to, path)
        default: break
        }
    }

    private mutating func copyFile(
        _ name: [CChar], _ from: Int32, _ to: Int32, _ path: String, _ status: stat
    ) throws(Failure) {
        let input = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard input >= 0 else { throw .system(SystemFailure("cannot open \(path)")) }
        defer { close(input) }
        try makeRoom(name, to, path)
        let output = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw .system(SystemFailure("cannot create \(path)")) }
        defer { close(output) }
        while true {
            let count = read(input, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system(SystemFailure("cannot read \(path)")) }
            if count == 0 { break }
            bytes += count
            guard bytes <= byteLimit else { throw .tooLarge(byteLimit) }
            var done = 0
            while done < count {
                let written = buffer.withUnsafeBytes { write(output, $0.baseAddress?.advanced(by: done), count - done) }
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { throw .system(SystemFailure("cannot write \(path)")) }
                done += written
            }
        }
        files += 1
        fchmod(output, status.st_mode & 0o777)
        // Tools such as make look at it.
        let times = [status.st_atim, status.st_mtim]
        futimens(output, times)
    }

    private mutating func copyLink(_ name: [CChar], _ from: Int32, _ to: Int32, _ path: String) throws(Failure) {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlinkat(from, name, &target, Int(PATH_MAX)) > 0 else {
            throw .system(SystemFailure("cannot read link \(path)"))
        }
        try makeRoom(name, to, path)
        guard symlinkat(target, to, name) == 0 else { throw .system(SystemFailure("cannot make link \(path)")) }
        files += 1
    }

    /// A file or a link of the same name gives way; a directory does not.
    private func makeRoom(_ name: [CChar], _ to: Int32, _ path: String) throws(Failure) {
        if unlinkat(to, name, 0) == 0 || errno == ENOENT { return }
        throw .system(SystemFailure("cannot replace \(path)"))
    }
}
