import Glibc

/// Unpacks a tar into a directory that nobody else writes to. Nothing is written outside of it, whatever the tar says:
/// paths with
/// `..` or from the root are refused, nothing is written through a symbolic link, and links must lead to something
/// inside.
struct TarExtractor {
    /// Absolute, without symbolic links.
    private let root: String
    private var directories: Set<String> = [""]
    private var links: [String] = []
    private var count = 0
    private var total: Int64 = 0

    /// - Parameter directory: Empty, and made already.
    init(into directory: String) throws(StoreError) {
        guard let real = FileTree.real(directory) else { throw StoreError.posix("find", directory) }
        root = real
    }

    mutating func extract(_ reader: HashingReader) throws(StoreError) {
        var records: (path: String?, target: String?) = (nil, nil)
        while true {
            let block = try reader.read(TarHeader.block)
            guard block.count == TarHeader.block else { throw Self.truncated }
            guard var header = try TarHeader(block: block) else { break }
            if header.kind == .records {
                guard header.size <= Int64(4 * ReleaseLimits.pathBytes) else {
                    throw StoreError(.refused, "the tar has pax records of \(header.size) bytes, more than paths need")
                }
                let bytes = try reader.read(Int(header.size) + TarHeader.padding(header.size).count)
                guard bytes.count >= Int(header.size) else { throw Self.truncated }
                records = try TarHeader.records(Array(bytes.prefix(Int(header.size))))
                continue
            }
            header.path = records.path ?? header.path
            header.target = records.target ?? header.target
            records = (nil, nil)
            try add(header, reader)
        }
        try checkLinks()
    }

    private static let truncated = StoreError(.refused, "the tar ends in the middle of an entry")

    private mutating func add(_ header: TarHeader, _ reader: HashingReader) throws(StoreError) {
        guard let components = RelativePath.components(header.path), let name = components.last else {
            throw StoreError(.refused, "the tar entry '\(header.path)' would be written outside the release; refused")
        }
        count += 1
        total += header.size
        guard count <= ReleaseLimits.files, header.size <= ReleaseLimits.fileBytes, total <= ReleaseLimits.totalBytes
        else {
            throw StoreError(
                .refused,
                "the tar has more than \(ReleaseLimits.files) entries, a file over \(ReleaseLimits.fileBytes) "
                    + "bytes or over "
                    + "\(ReleaseLimits.totalBytes) bytes in all")
        }
        let parent = components.dropLast().joined(separator: "/")
        try makeDirectories(components.dropLast(), of: header.path)
        let path = root + "/" + (parent.isEmpty ? name : parent + "/" + name)
        switch header.kind {
        case .directory: try makeDirectories(components[...], of: header.path)
        case .file: try writeFile(header, to: path, reader)
        case .link:
            guard RelativePath.staysInside(link: components, target: header.target) else {
                throw StoreError(
                    .refused, "the tar's link '\(header.path)' -> '\(header.target)' leaves the release; refused")
            }
            guard symlink(header.target, path) == 0 else { throw StoreError.posix("make the link", path) }
            links.append(path)
        case .records: break
        }
    }

    /// Only directories that this extraction made itself are passed through, so a link in their place is found.
    private mutating func makeDirectories(_ components: ArraySlice<String>, of entry: String) throws(StoreError) {
        var walked = ""
        for component in components {
            walked += (walked.isEmpty ? "" : "/") + component
            if directories.contains(walked) { continue }
            guard mkdir(root + "/" + walked, 0o755) == 0 else {
                guard errno == EEXIST else { throw StoreError.posix("make directory", root + "/" + walked) }
                throw StoreError(
                    .refused,
                    "the tar entry '\(entry)' would be written through '\(walked)', which is no directory; refused")
            }
            directories.insert(walked)
        }
    }

    private func writeFile(_ header: TarHeader, to path: String, _ reader: HashingReader) throws(StoreError) {
        guard try FileStatus.of(path) == nil else {
            throw StoreError(.refused, "the tar has '\(header.path)' twice; refused")
        }
        let file = try OpenFile(
            path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: header.executable ? 0o555 : 0o444)
        var rest = header.size
        while rest > 0 {
            let piece = try reader.next(limit: Int(min(rest, Int64(ReleaseLimits.chunk))))
            if piece.isEmpty { throw Self.truncated }
            do {
                try piece.withUnsafeBytes { try file.write($0) }
            } catch {
                throw StoreError.database(error, file: path)
            }
            rest -= Int64(piece.count)
        }
        // The creator's umask may have taken the others' right to read or run what they may run.
        guard fchmod(file.descriptor, header.executable ? 0o555 : 0o444) == 0 else {
            throw StoreError.posix("set the mode of", path)
        }
        let padding = TarHeader.padding(header.size).count
        guard try reader.read(padding).count == padding else { throw Self.truncated }
    }

    /// Text alone does not tell where a chain of links ends.
    private func checkLinks() throws(StoreError) {
        for link in links {
            guard let real = FileTree.real(link), real == root || real.hasPrefix(root + "/") else {
                throw StoreError(
                    .refused, "the tar's link \(link.dropFirst(root.count + 1)) leads out of the release; refused")
            }
        }
    }
}
