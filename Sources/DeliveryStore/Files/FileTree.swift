import Glibc

/// The few operations on directories and whole small files that the store needs.
enum FileTree {
    /// Makes `path` and its missing parents.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(StoreError) {
        if mkdir(path, mode) == 0 { return }
        let reason = errno
        if reason == EEXIST {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw StoreError(.io, "\(path) is in the way: expected a directory; move it aside")
            }
            return
        }
        guard reason == ENOENT, let parent = parent(of: path) else {
            throw StoreError.posix("make directory", path, reason)
        }
        try makeDirectory(parent, mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw StoreError.posix("make directory", path) }
    }

    static func parent(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
        return String(path[..<slash])
    }

    /// Names in a directory, without `.` and `..`, sorted by their bytes so that nothing depends on the file system's
    /// order.
    static func names(in directory: String) throws(StoreError) -> [String] {
        guard let handle = opendir(directory) else { throw StoreError.posix("list", directory) }
        defer { closedir(handle) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(handle) else {
                if errno != 0 { throw StoreError.posix("list", directory) }
                break
            }
            let bytes = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { start in
                    Array(UnsafeBufferPointer(start: start, count: strlen(start)))
                }
            }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                throw StoreError(.refused, "\(directory) holds a file whose name is not UTF-8; rename it")
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Reads a small file whole; more than `limit` bytes are refused.
    static func read(_ path: String, limit: Int) throws(StoreError) -> [UInt8] {
        let file = try OpenFile(path, flags: O_RDONLY)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = try file.read(into: &buffer, limit: buffer.count)
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= limit else {
                throw StoreError(.refused, "\(path) is larger than the \(limit) bytes allowed")
            }
        }
    }

    /// Writes a small file so that a crash leaves the old one or the new one, never a part: temporary file, fsync,
    /// rename, fsync.
    static func replace(_ path: String, with bytes: [UInt8]) throws(StoreError) {
        let temporary = path + ".new"
        do throws(StoreError) {
            let file = try OpenFile(temporary, flags: O_WRONLY | O_CREAT | O_TRUNC)
            try file.write(bytes)
            try file.sync()
        } catch {
            unlink(temporary)
            throw error
        }
        try rename(temporary, to: path)
    }

    /// Renames and waits until the name is on the disk.
    static func rename(_ old: String, to new: String) throws(StoreError) {
        guard Glibc.rename(old, new) == 0 else { throw StoreError.posix("rename to", new) }
        if let parent = parent(of: new) { try OpenFile(parent, flags: O_RDONLY | O_DIRECTORY).sync() }
    }

    /// Removes a file or a directory with everything in it; symbolic links are removed, not followed. Nothing there is
    /// no error.
    static func remove(_ path: String) throws(StoreError) {
        guard let status = try FileStatus.of(path) else { return }
        if status.kind == .directory {
            for name in try names(in: path) { try remove(path + "/" + name) }
            guard rmdir(path) == 0 else { throw StoreError.posix("remove", path) }
        } else {
            guard unlink(path) == 0 else { throw StoreError.posix("remove", path) }
        }
    }

    /// The absolute path without symbolic links, or `nil` when something on the way is missing or loops.
    static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

extension FileTree {
    private static let longestTarget = 4096

    static func target(ofLink path: String) throws(StoreError) -> String {
        var bytes = [UInt8](repeating: 0, count: longestTarget)
        let count = bytes.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return -1 }
            return readlink(path, start.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        guard count >= 0 else { throw StoreError.posix("read the link", path) }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            throw StoreError(.refused, "the link \(path) has a target that is not UTF-8")
        }
        return text
    }
}
