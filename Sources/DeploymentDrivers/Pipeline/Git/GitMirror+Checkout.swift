public import DeliveryModel
import Glibc

/// What a checkout laid out.
public struct GitCheckoutReport: Sendable, Equatable {
    public var files: Int
    public var bytes: Int
    /// Submodules, LFS pointers and links that lead out of the tree: plain sentences.
    public var notes: [String]
}

extension GitMirror {
    private static let lfsBegin = Array("version https://git-lfs.github.com/spec/".utf8)
    /// A pointer is never larger, by its specification.
    private static let lfsBytes = 1024
    /// Names that a note lists; the others are counted.
    private static let listed = 5

    /// Lays out exactly the files of a commit, without `.git`. Limits are checked before anything is written.
    ///
    /// Line ends follow the repository's attributes, as in any checkout; no filter runs. Submodules are empty
    /// directories, LFS files their pointers: the report says so.
    /// - Parameter directory: absolute path of a directory that does not exist yet; its owner removes it, after an
    ///   error too.
    /// - Throws: `.refused` when the commit is gone or passes a limit; `.failed` on a full disk, said so.
    public func checkOut(_ commit: String, into directory: String) async throws(DriverError) -> GitCheckoutReport {
        let files = try await files(at: commit)
        let bytes = try checked(files, commit)
        if let parent = ShimFiles.parent(of: directory), let free = DiskSpace.bytes(at: parent), free < bytes {
            throw full(directory, commit)
        }
        do throws(SystemFailure) {
            if let parent = ShimFiles.parent(of: directory) { try ShimFiles.makeDirectories(parent) }
            guard mkdir(directory, 0o700) == 0 else { throw SystemFailure("cannot make directory \(directory)") }
        } catch {
            throw Self.full(error) ?? DriverError(.failed, "cannot check out \(commit.prefix(12)): \(error)")
        }
        let index = directory + ".index"
        defer {
            unlink(index)
            unlink(index + ".lock")
        }
        do throws(DriverError) {
            var git = git
            git.workTree = directory
            _ = try await git.ask(["read-tree", "--reset", "-u", commit], environment: ["GIT_INDEX_FILE": index])
        } catch {
            if DiskSpace.isUsedUp(at: directory) { throw full(directory, commit) }
            throw error
        }
        return GitCheckoutReport(files: files.count, bytes: bytes, notes: notes(files, in: directory))
    }

    private func full(_ directory: String, _ commit: String) -> DriverError {
        DriverError(.failed, "the disk is full: cannot check out \(commit.prefix(12)) to \(directory)")
    }

    static func full(_ failure: SystemFailure) -> DriverError? {
        guard failure.code == ENOSPC || failure.code == EDQUOT else { return nil }
        return DriverError(.failed, "the disk is full: \(failure)")
    }

    private func checked(_ files: [GitFile], _ commit: String) throws(DriverError) -> Int {
        var bytes = 0
        for file in files {
            guard file.bytes <= limits.fileBytes else {
                throw DriverError(
                    .refused,
                    "'\(GitText.plain(file.path, limit: 200))' has \(file.bytes) bytes at commit "
                        + "\(commit.prefix(12)); a file may have \(limits.fileBytes)")
            }
            bytes += file.bytes
        }
        guard bytes <= limits.treeBytes else {
            throw DriverError(
                .refused,
                "the files of commit \(commit.prefix(12)) have \(bytes) bytes together; \(limits.treeBytes) are allowed"
            )
        }
        return bytes
    }

    private func notes(_ files: [GitFile], in directory: String) -> [String] {
        let submodules = files.filter { $0.kind == .submodule }
        let pointers = files.filter { file in
            guard file.kind == .file || file.kind == .executable, file.bytes <= Self.lfsBytes,
                file.bytes > Self.lfsBegin.count,
                let begin = DirectoryTree.beginning(of: file.path, in: directory, bytes: Self.lfsBegin.count)
            else { return false }
            return begin == Self.lfsBegin
        }
        let leading = files.filter { $0.kind == .symbolicLink && leadsOut($0.path, directory) }
        return [
            Self.note(submodules, "left empty, because submodules are not fetched", "submodule"),
            Self.note(pointers, "a pointer in place of its contents, because Git LFS is not supported", "LFS file"),
            Self.note(leading, "a link that leads out of the checkout", "link"),
        ].compactMap { $0 }
    }

    private func leadsOut(_ path: String, _ directory: String) -> Bool {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("\(directory)/\(path)", &buffer, buffer.count)
        guard count > 0 else { return false }
        let target = String(decoding: buffer[..<count], as: UTF8.self)
        if target.hasPrefix("/") { return true }
        var depth = path.split(separator: "/").count - 1
        for part in target.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }

    private static func note(_ files: [GitFile], _ what: String, _ kind: String) -> String? {
        guard let first = files.first else { return nil }
        let name = GitText.plain(first.path, limit: 100)
        if files.count == 1 { return "\(kind) \(name) is \(what)" }
        let names = files.prefix(listed).map { GitText.plain($0.path, limit: 100) }.joined(separator: ", ")
        let more = files.count > listed ? " and \(files.count - listed) more" : ""
        return "\(files.count) \(kind)s: each is \(what): \(names)\(more)"
    }
}
