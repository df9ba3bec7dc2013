#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Small files replaced whole: after a crash either the old content stands there or the new, never a mixture.
enum DurableFile {
    /// A table this large is refused when put, so a larger file is not ours.
    static let maxBytes = 64 * 1024 * 1024

    /// Writes `bytes` beside `path`, syncs them, renames over `path`, and syncs the directory.
    static func replace(_ path: String, with bytes: [UInt8]) throws(RouterError) {
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("create", temporary) }
        do throws(RouterError) {
            try write(bytes, to: file, path: temporary)
            guard fsync(file) == 0 else { throw failure("sync", temporary) }
        } catch {
            close(file)
            unlink(temporary)
            throw error
        }
        guard close(file) == 0 else { throw failure("close", temporary) }
        try rename(temporary, to: path)
    }

    /// Renames and syncs the directory, so that the new name survives a power cut.
    static func rename(_ path: String, to target: String) throws(RouterError) {
        #if canImport(Glibc)
            let result = Glibc.rename(path, target)
        #elseif canImport(Musl)
            let result = Musl.rename(path, target)
        #else
            let result = Darwin.rename(path, target)
        #endif
        guard result == 0 else { throw failure("rename", path) }
        let parent = target.lastIndex(of: "/").map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("open", parent) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("sync", parent) }
    }

    /// - Returns: `nil` when there is no such file.
    static func read(_ path: String) throws(RouterError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw failure("open", path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = readChunk(file, into: &chunk)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= maxBytes else {
                throw RouterError(.system, "\(path) is larger than \(maxBytes) bytes: not a table this router wrote")
            }
        }
    }

    private static func readChunk(_ file: CInt, into chunk: inout [UInt8]) -> Int {
        chunk.withUnsafeMutableBytes { buffer in
            #if canImport(Glibc)
                Glibc.read(file, buffer.baseAddress, buffer.count)
            #elseif canImport(Musl)
                Musl.read(file, buffer.baseAddress, buffer.count)
            #else
                Darwin.read(file, buffer.baseAddress, buffer.count)
            #endif
        }
    }

    private static func write(_ bytes: [UInt8], to file: CInt, path: String) throws(RouterError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { buffer in
                #if canImport(Glibc)
                    Glibc.write(file, buffer.baseAddress, buffer.count)
                #elseif canImport(Musl)
                    Musl.write(file, buffer.baseAddress, buffer.count)
                #else
                    Darwin.write(file, buffer.baseAddress, buffer.count)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            written += count
        }
    }

    static func failure(_ verb: String, _ path: String) -> RouterError {
        RouterError(.system, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}

/// What the router says on standard error.
enum Complaint {
    static func write(_ message: String) {
        let line = Array("nonevent router: \(message)\n".utf8)
        _ = line.withUnsafeBytes { buffer in
            #if canImport(Glibc)
                Glibc.write(2, buffer.baseAddress, buffer.count)
            #elseif canImport(Musl)
                Musl.write(2, buffer.baseAddress, buffer.count)
            #else
                Darwin.write(2, buffer.baseAddress, buffer.count)
            #endif
        }
    }
}
