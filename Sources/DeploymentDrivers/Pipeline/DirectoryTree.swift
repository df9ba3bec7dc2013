import Glibc

/// Files below a directory whose contents are not to be trusted: no call here follows a symbolic link.
enum DirectoryTree {
    /// Deeper trees are refused.
    static let depthLimit = 100
    /// How often what was nested too deeply for one round is taken up again.
    private static let roundLimit = 10_000

    /// Names in a directory, without `.` and `..`, sorted; empty when it cannot be read.
    static func names(in path: String) -> [String] {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { return [] }
        return names(taking: directory).compactMap { String(validating: $0, as: UTF8.self) }.sorted()
    }

    /// Names of the directory that is open, as bytes without the final zero; closes it.
    static func names(taking directory: Int32) -> [[UInt8]] {
        guard let handle = fdopendir(directory) else {
            close(directory)
            return []
        }
        defer { closedir(handle) }
        var found: [[UInt8]] = []
        while let entry = readdir(handle) {
            let bytes = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { start in
                    Array(UnsafeBufferPointer(start: start, count: strlen(start)))
                }
            }
            if bytes != [46] && bytes != [46, 46] { found.append(bytes) }
        }
        return found
    }

    /// Bytes of all files below a directory.
    static func bytes(of path: String) -> Int {
        var total = 0
        walk(path) { file in
            total += file.bytes
            return true
        }
        return total
    }

    /// Bytes of a file; zero when there is none.
    static func size(of path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    struct Found {
        /// Below the directory that the walk began in, with `/`; U+FFFD where a name is not UTF-8.
        var path: String
        var bytes: Int
        var mode: mode_t

        var isFile: Bool { mode & S_IFMT == S_IFREG }
    }

    /// Visits everything below a directory but the directories themselves, in the order of their names.
    ///
    /// - Parameter visit: false ends the walk.
    static func walk(_ path: String, _ visit: (Found) -> Bool) {
        let root = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard root >= 0 else { return }
        defer { close(root) }
        _ = walk(root, "", 0, visit)
    }

    private static func walk(_ directory: Int32, _ prefix: String, _ depth: Int, _ visit: (Found) -> Bool) -> Bool {
        guard depth < depthLimit else { return true }
        for name in names(taking: dup(directory)).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let terminated = name.map { CChar(bitPattern: $0) } + [0]
            var status = stat()
            guard fstatat(directory, terminated, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            let path = prefix + String(decoding: name, as: UTF8.self)
            if status.st_mode & S_IFMT == S_IFDIR {
                let below = openBelow(directory, terminated)
                guard below >= 0 else { continue }
                defer { close(below) }
                guard walk(below, path + "/", depth + 1, visit) else { return false }
            } else if !visit(Found(path: path, bytes: Int(status.st_size), mode: status.st_mode)) {
                return false
            }
        }
        return true
    }

    /// The bytes of a name with a zero behind them.
    static func cString(_ name: Substring) -> [CChar] { name.utf8.map { CChar(bitPattern: $0) } + [0] }

    /// A directory in an open one; below zero when it is none, or a link.
    static func openBelow(_ directory: Int32, _ name: [CChar]) -> Int32 {
        openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    /// Opens a file by its path, part by part, so that no part may be a link.
    ///
    /// - Parameter path: relative, with `/`.
    /// - Returns: a descriptor; below zero when there is no such file.
    static func openFile(_ path: String, in root: String) -> Int32 {
        var directory = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        var parts = path.split(separator: "/").map(cString)
        guard directory >= 0, let last = parts.popLast() else { return -1 }
        for part in parts {
            let below = openBelow(directory, part)
            close(directory)
            guard below >= 0 else { return -1 }
            directory = below
        }
        defer { close(directory) }
        return openat(directory, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    }

    /// Whether a path is a directory and no part of it a link.
    static func isDirectory(_ path: String, in root: String) -> Bool {
        guard !path.split(separator: "/").contains("..") else { return false }
        let directory = openFile(path + "/.", in: root)
        guard directory >= 0 else { return false }
        defer { close(directory) }
        var status = stat()
        return fstat(directory, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The first bytes of a file; fewer when it is shorter, `nil` when there is none.
    static func beginning(of path: String, in root: String, bytes: Int) -> [UInt8]? {
        let file = openFile(path, in: root)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: bytes)
        var done = 0
        while done < bytes {
            let count = buffer.withUnsafeMutableBytes { space in
                read(file, space.baseAddress?.advanced(by: done), bytes - done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            done += count
        }
        return Array(buffer[..<done])
    }

    /// Removes a file, a link, or a directory with all that is in it, however deeply it is nested; nothing there is
    /// fine.
    ///
    /// - Returns: whether nothing is there any more.
    @discardableResult
    static func remove(_ path: String) -> Bool {
        if unlink(path) == 0 || errno == ENOENT { return true }
        let top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard top >= 0 else { return false }
        defer { close(top) }
        fchmod(top, 0o700)
        var moved = 0
        // Directories that are too deep are moved to the top, and removed in the next round.
        for _ in 0..<roundLimit {
            let before = moved
            let names = names(in: top)
            if names.isEmpty { return rmdir(path) == 0 }
            var whole = true
            for name in names where !remove(name, in: top, top, 1, &moved) { whole = false }
            guard whole || moved > before else { return false }
        }
        return false
    }

    private static func remove(
        _ name: [UInt8], in parent: Int32, _ top: Int32, _ depth: Int, _ moved: inout Int
    ) -> Bool {
        let terminated = name.map { CChar(bitPattern: $0) } + [0]
        if unlinkat(parent, terminated, 0) == 0 || errno == ENOENT { return true }
        var directory = openBelow(parent, terminated)
        if directory < 0, errno == EACCES {
            // A stage may have taken our right to look into its own directory.
            fchmodat(parent, terminated, 0o700, 0)
            directory = openBelow(parent, terminated)
        }
        guard directory >= 0 else { return false }
        defer { close(directory) }
        fchmod(directory, 0o700)
        guard depth < depthLimit else {
            moved += 1
            return renameat(parent, terminated, top, "nonevent-deep-\(moved)") == 0
        }
        var whole = true
        for name in names(in: directory) where !remove(name, in: directory, top, depth + 1, &moved) { whole = false }
        return whole && unlinkat(parent, terminated, AT_REMOVEDIR) == 0
    }

    /// Names of an open directory from its beginning, however often it was read before.
    private static func names(in directory: Int32) -> [[UInt8]] {
        lseek(directory, 0, SEEK_SET)
        return names(taking: dup(directory))
    }
}
