import Glibc

/// Files below a directory whose contents are not to be trusted: no call here follows a symbolic link.
enum DirectoryTree {
    /// Deeper trees are refused.
    static let depthLimit = 200

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
                lseek(below, 0, SEEK_SET)
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

    /// Removes a file, a link, or a directory with all that is in it; nothing there is fine.
    ///
    /// - Returns: whether nothing is there any more.
    @discardableResult
    static func remove(_ path: String) -> Bool {
        if unlink(path) == 0 || errno == ENOENT { return true }
        let parent = Glibc.open(ShimFiles.parent(of: path) ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0, let name = path.split(separator: "/").last else { return false }
        defer { close(parent) }
        return remove(cString(name), in: parent, 0)
    }

    private static func remove(_ name: [CChar], in parent: Int32, _ depth: Int) -> Bool {
        if unlinkat(parent, name, 0) == 0 || errno == ENOENT { return true }
        guard depth < depthLimit * 10 else { return false }
        var directory = openBelow(parent, name)
        if directory < 0, errno == EACCES {
            // A stage may have taken our right to look into its own directory.
            fchmodat(parent, name, 0o700, 0)
            directory = openBelow(parent, name)
        }
        guard directory >= 0 else { return false }
        defer { close(directory) }
        fchmod(directory, 0o700)
        var whole = true
        for below in names(taking: dup(directory)) {
            if !remove(below.map { CChar(bitPattern: $0) } + [0], in: directory, depth + 1) { whole = false }
        }
        return whole && unlinkat(parent, name, AT_REMOVEDIR) == 0
    }
}
