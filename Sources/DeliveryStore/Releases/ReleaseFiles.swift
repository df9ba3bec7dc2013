/// The files of one part of a release, gathered from a directory by the paths that the service file names.
struct ReleaseFiles {
    /// The root, absolute and without symbolic links.
    private let root: String
    private let part: String
    /// Path below the root to its entry; sizes and modes are those found now and are checked again while packing.
    private(set) var entries: [String: TarHeader] = [:]
    private var total: Int64 = 0

    /// - Parameters:
    ///   - part: What the paths are called in messages, such as `artifact.include`.
    ///   - paths: A path that ends in `/` is a directory with everything in it, any other a file.
    /// - Throws: `.notFound` for a path that is not there; `.refused` for one outside the root, for devices, sockets
    ///   and FIFOs, for
    ///   links that leave the root or the part, and beyond ``ReleaseLimits``.
    init(root: String, part: String, paths: [String]) throws(StoreError) {
        guard let real = FileTree.real(root) else { throw StoreError.posix("find", root) }
        self.root = real
        self.part = part
        for path in paths { try include(path) }
        try checkLinks()
    }

    /// Sorted by the bytes of the path, so that a directory comes before what is in it.
    var sorted: [TarHeader] {
        entries.values.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    private mutating func include(_ path: String) throws(StoreError) {
        guard let components = RelativePath.components(path), !path.isEmpty else {
            throw StoreError(
                .refused,
                "\(part): '\(path)' leaves the service file's directory (or is longer than "
                    + "\(ReleaseLimits.pathBytes) bytes); "
                    + "name a path below it, without '..'")
        }
        var walked = ""
        for (index, component) in components.enumerated() {
            walked += (walked.isEmpty ? "" : "/") + component
            guard let status = try FileStatus.of(root + "/" + walked) else {
                throw StoreError(
                    .notFound, "\(part): '\(path)' is not in \(root); build it first or take it out of the service file"
                )
            }
            if index == components.count - 1 { break }
            guard status.kind == .directory else {
                throw StoreError(.refused, "\(part): '\(walked)' in '\(path)' is not a directory; name the real path")
            }
            try add(TarHeader(kind: .directory, path: walked))
        }
        let status = try FileStatus.of(root + "/" + walked)
        if path.hasSuffix("/") || components.isEmpty {
            guard status?.kind == .directory else {
                throw StoreError(.refused, "\(part): '\(path)' ends in '/', but is no directory; take the '/' away")
            }
            try addTree(walked, depth: components.count)
        } else {
            guard status?.kind != .directory else {
                throw StoreError(.refused, "\(part): '\(path)' is a directory; write '\(path)/' to include all of it")
            }
            try addFile(walked)
        }
    }

    private mutating func addTree(_ directory: String, depth: Int) throws(StoreError) {
        guard depth <= ReleaseLimits.depth else {
            throw StoreError(.refused, "\(part): '\(directory)' is deeper than \(ReleaseLimits.depth) directories")
        }
        if !directory.isEmpty { try add(TarHeader(kind: .directory, path: directory)) }
        for name in try FileTree.names(in: directory.isEmpty ? root : root + "/" + directory) {
            // The repository is not the program: it holds all of history, and changes without any change of the files.
            if name == ".git" { continue }
            let path = directory.isEmpty ? name : directory + "/" + name
            if try FileStatus.of(root + "/" + path)?.kind == .directory {
                try addTree(path, depth: depth + 1)
            } else {
                try addFile(path)
            }
        }
    }

    private mutating func addFile(_ path: String) throws(StoreError) {
        guard let status = try FileStatus.of(root + "/" + path) else {
            throw StoreError(.notFound, "\(part): '\(path)' went away while it was being packed; try again")
        }
        switch status.kind {
        case .file:
            guard status.size <= ReleaseLimits.fileBytes else {
                throw StoreError(
                    .refused,
                    "\(part): '\(path)' has \(status.size) bytes; a file in a release has at most "
                        + "\(ReleaseLimits.fileBytes)"
                )
            }
            try add(TarHeader(kind: .file, path: path, size: status.size, executable: status.executable))
        case .link:
            try add(TarHeader(kind: .link, path: path, target: try FileTree.target(ofLink: root + "/" + path)))
        case .directory, .other:
            throw StoreError(
                .refused,
                "\(part): '\(path)' is a device, FIFO or socket; a release has only files, directories and "
                    + "symbolic links"
            )
        }
    }

    private mutating func add(_ entry: TarHeader) throws(StoreError) {
        guard entries[entry.path] == nil else { return }
        entries[entry.path] = entry
        total += entry.size
        guard entries.count <= ReleaseLimits.files else {
            throw StoreError(.refused, "\(part) names more than \(ReleaseLimits.files) files; include less")
        }
        guard total <= ReleaseLimits.totalBytes else {
            throw StoreError(.refused, "\(part) names more than \(ReleaseLimits.totalBytes) bytes; include less")
        }
    }

    /// Every link must stay inside as text and in fact, and lead to something that is packed too, or the release would
    /// be broken
    /// wherever it is unpacked.
    private func checkLinks() throws(StoreError) {
        for entry in entries.values where entry.kind == .link {
            guard
                RelativePath.staysInside(link: entry.path.split(separator: "/").map(String.init), target: entry.target)
            else {
                throw StoreError(
                    .refused,
                    "\(part): the link '\(entry.path)' -> '\(entry.target)' leaves the service file's directory; "
                        + "make it relative and keep it inside")
            }
            guard let real = FileTree.real(root + "/" + entry.path) else {
                throw StoreError(.refused, "\(part): the link '\(entry.path)' -> '\(entry.target)' leads nowhere")
            }
            let inside = real == root || real.hasPrefix(root == "/" ? "/" : root + "/")
            guard inside else {
                throw StoreError(
                    .refused,
                    "\(part): the link '\(entry.path)' -> '\(entry.target)' leads to \(real), outside \(root); "
                        + "copy that file in"
                )
            }
            let packed = real == root ? "" : String(real.dropFirst(root == "/" ? 1 : root.count + 1))
            guard packed.isEmpty || entries[packed] != nil else {
                throw StoreError(
                    .refused,
                    "\(part): the link '\(entry.path)' leads to '\(packed)', which is not part of it; include that too")
            }
        }
    }
}
