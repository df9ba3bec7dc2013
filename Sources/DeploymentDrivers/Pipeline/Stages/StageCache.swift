import DeliveryModel
import Glibc
import SystemCalls

/// Results of stages and what they hand on, by key. Bounded: what was used least recently goes first.
///
/// An entry is a directory `<key>/` with `entry.json` and `files/`, renamed into place when all of it is on the disk.
actor StageCache {
    struct Entry: Sendable, Codable, Equatable {
        var stage: String
        /// What is in `files/`, as the service file names it.
        var paths: [String]
        var files: Int
        var bytes: Int
        @InSeconds var duration: Duration
        var tests: TestReport?
    }

    private static let entryFile = "entry.json"
    private static let entryBytes = 64 << 20
    /// Drafts and entries on their way out; of no worth after a crash.
    private static let incoming = "incoming"

    nonisolated let directory: String
    private let byteLimit: Int
    private let entryLimit: Int
    private let fileLimit: Int
    private var pins: [String: Int] = [:]
    private var drafts = 0

    /// - Parameters:
    ///   - byteLimit: of all entries together.
    ///   - entryLimit: of one entry.
    ///   - fileLimit: files and directories of one entry.
    init(directory: String, byteLimit: Int, entryLimit: Int, fileLimit: Int) {
        self.directory = directory
        self.byteLimit = byteLimit
        self.entryLimit = min(entryLimit, byteLimit)
        self.fileLimit = fileLimit
    }

    /// Removes what a crash left half done.
    func recover() { DirectoryTree.remove("\(directory)/\(Self.incoming)") }

    /// Keeps entries from being removed until they are let go as often.
    func pin(_ keys: [String]) { for key in keys { pins[key, default: 0] += 1 } }

    func unpin(_ keys: [String]) {
        for key in keys {
            let count = (pins[key] ?? 1) - 1
            pins[key] = count > 0 ? count : nil
        }
    }

    /// - Returns: `nil` when there is none, or it cannot be read.
    func entry(_ key: String) -> Entry? {
        guard Self.isKey(key) else { return nil }
        let path = "\(directory)/\(key)/\(Self.entryFile)"
        guard let bytes = try? ShimFiles.read(path, limit: Self.entryBytes),
            let entry = try? ShimFiles.decoded(Entry.self, from: bytes, of: path)
        else { return nil }
        // Its time of change says when it was used last.
        utimensat(AT_FDCWD, path, nil, 0)
        return entry
    }

    /// Lays the files of an entry over a tree.
    ///
    /// - Parameter tree: absolute path of the service file's directory in a checkout.
    /// - Throws: `.failed` when the entry is gone or damaged, or the disk is full.
    func restore(_ key: String, into tree: String) async throws(DriverError) {
        guard let entry = entry(key) else {
            throw DriverError(
                .failed,
                "what an earlier stage handed on (\(key.prefix(12))) is no longer kept; its stage has to run again")
        }
        pin([key])
        defer { unpin([key]) }
        let copy = TreeCopy(
            from: "\(directory)/\(key)/files", to: tree, byteLimit: entryLimit, fileLimit: fileLimit)
        let result = await Self.copied(["."], copy)
        switch result {
        case .success(let done) where done.bytes == entry.bytes && done.files == entry.files: return
        case .success:
            throw DriverError(
                .failed,
                "what stage \(entry.stage) handed on (\(key.prefix(12))) is damaged; its stage has to run again")
        case .failure(let failure):
            throw Self.full(failure)
                ?? DriverError(.failed, "what stage \(entry.stage) handed on cannot be laid out: \(failure)")
        }
    }

    /// Keeps a result, and a copy of what it hands on.
    ///
    /// - Throws: `.refused` when a path is missing or too large, `.failed` when the disk is full; nothing is kept then.
    func publish(
        _ key: String, stage: String, paths: [String], from tree: String, duration: Duration, tests: TestReport?
    ) async throws(DriverError) {
        guard Self.isKey(key) else { throw DriverError(.refused, "'\(key.prefix(80))' is no key") }
        drafts += 1
        let draft = "\(directory)/\(Self.incoming)/\(key.prefix(16)).\(drafts)"
        defer { DirectoryTree.remove(draft) }
        do throws(SystemFailure) { try ShimFiles.makeDirectories(draft + "/files") } catch {
            throw GitMirror.full(error) ?? DriverError(.failed, "cannot keep the result of stage \(stage): \(error)")
        }
        let copy = TreeCopy(from: tree, to: draft + "/files", byteLimit: entryLimit, fileLimit: fileLimit)
        if case .failure(let failure) = await Self.copied(paths, copy) {
            throw Self.full(failure)
                ?? DriverError(.refused, "what stage \(stage) hands on cannot be kept: \(failure)")
        }
        var entry = Entry(stage: stage, paths: paths, files: 0, bytes: 0, duration: duration, tests: tests)
        // Counted anew: paths may lie within each other.
        DirectoryTree.walk(draft + "/files") { found in
            entry.files += 1
            if found.isFile { entry.bytes += found.bytes }
            return true
        }
        do throws(SystemFailure) {
            try ShimFiles.replace("\(draft)/\(Self.entryFile)", with: ShimFiles.encode(entry))
            try Self.sync(draft)
            try moveIn(draft, key)
        } catch {
            throw GitMirror.full(error) ?? DriverError(.failed, "cannot keep the result of stage \(stage): \(error)")
        }
        removeOldest(but: key)
    }

    /// An older entry of the same key gives way: its files may be damaged, these are not.
    private func moveIn(_ draft: String, _ key: String) throws(SystemFailure) {
        let place = "\(directory)/\(key)"
        if rename(draft, place) == 0 { return }
        guard errno == ENOTEMPTY || errno == EEXIST else { throw SystemFailure("cannot rename \(draft)") }
        // Somebody lays it out right now: it stays.
        guard pins[key] == nil else { return }
        discard(key)
        guard rename(draft, place) == 0 else { throw SystemFailure("cannot rename \(draft)") }
    }

    private func removeOldest(but newest: String) {
        var found: [(key: String, bytes: Int, used: Int)] = []
        for key in DirectoryTree.names(in: directory) where Self.isKey(key) {
            let path = "\(directory)/\(key)/\(Self.entryFile)"
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            let bytes = (try? ShimFiles.read(path, limit: Self.entryBytes)).flatMap {
                try? ShimFiles.decoded(Entry.self, from: $0, of: path).bytes
            }
            found.append(
                (key, bytes ?? 0, Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)))
        }
        var total = found.reduce(0) { $0 + $1.bytes }
        for entry in found.sorted(by: { $0.used < $1.used }) where total > byteLimit {
            guard pins[entry.key] == nil, entry.key != newest else { continue }
            discard(entry.key)
            total -= entry.bytes
        }
    }

    /// Out of sight first, so that a crash leaves nothing that looks whole.
    private func discard(_ key: String) {
        drafts += 1
        let trash = "\(directory)/\(Self.incoming)/out.\(drafts)"
        mkdir("\(directory)/\(Self.incoming)", 0o700)
        if rename("\(directory)/\(key)", trash) == 0 { DirectoryTree.remove(trash) }
    }

    private static func copied(_ paths: [String], _ copy: TreeCopy) async -> Result<TreeCopy, TreeCopy.Failure> {
        await OwnThread.run {
            var copy = copy
            do throws(TreeCopy.Failure) {
                for path in paths { try copy.copy(path) }
                return .success(copy)
            } catch {
                return .failure(error)
            }
        }
    }

    private static func full(_ failure: TreeCopy.Failure) -> DriverError? {
        if case .system(let failure) = failure { return GitMirror.full(failure) }
        return nil
    }

    private static func sync(_ path: String) throws(SystemFailure) {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw SystemFailure("cannot open \(path)") }
        defer { close(directory) }
        guard LinuxCalls.syncFileSystem(directory) else { throw SystemFailure("cannot write \(path) to the disk") }
    }

    static func isKey(_ key: String) -> Bool {
        key.utf8.count == 64 && key.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
