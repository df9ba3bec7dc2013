public import DeliveryModel
import Glibc

/// One file of a commit.
public struct GitFile: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case file
        case executable
        case symbolicLink
        /// A commit of another repository stands here; nothing of it is fetched.
        case submodule
    }

    /// From the top of the repository. A name that is not UTF-8 has U+FFFD where it is not.
    public var path: String
    public var kind: Kind
    /// Hash of its contents; the submodule's commit.
    public var object: String
    /// Zero for a submodule.
    public var bytes: Int
}

extension GitMirror {
    /// Whether the repository that was fetched from has only the end of its history.
    var isShallow: Bool { access(path + "/shallow", F_OK) == 0 }

    /// Full hash of each branch's last commit.
    public func branches() async throws(DriverError) -> [String: String] {
        let bytes = try await git.ask(["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/"])
        var found: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2 { found[String(words[1].dropFirst("refs/heads/".count))] = String(words[0]) }
        }
        return found
    }

    /// Full hash of what `name` (a branch, or a hash of at least 4 digits) stands for; `nil`: there is none here.
    public func commit(_ name: String) async throws(DriverError) -> String? {
        let isHash = (4...64).contains(name.utf8.count) && name.allSatisfy { $0.isASCII && $0.isHexDigit }
        for candidate in ["refs/heads/" + name] + (isHash ? [name] : []) {
            let outcome = try await git.run(
                ["rev-parse", "--verify", "--quiet", "--end-of-options", candidate + "^{commit}"])
            if outcome.ending == .exited(code: 0) {
                return String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").first.map(String.init)
            }
        }
        return nil
    }

    /// All files of a commit, in git's order.
    ///
    /// - Throws: `.refused` when the commit is not here, or has more than ``GitLimits/files``.
    public func files(at commit: String) async throws(DriverError) -> [GitFile] {
        try await require(commit)
        let bytes = try await git.ask(["ls-tree", "-r", "-l", "-z", "--full-tree", commit])
        var found: [GitFile] = []
        for record in bytes.split(separator: 0) {
            guard let file = Self.file(record) else {
                throw DriverError(.failed, "git ls-tree says what is not understood at commit \(commit)")
            }
            found.append(file)
            guard found.count <= limits.files else {
                throw DriverError(
                    .refused, "commit \(commit.prefix(12)) has more than \(limits.files) files, which are allowed")
            }
        }
        return found
    }

    /// Paths of the files named `name` in any directory, links excluded.
    public func serviceFiles(
        at commit: String, named name: String = "nonevent.yaml"
    ) async throws(DriverError) -> [GitFile] {
        let found = try await files(at: commit).filter { file in
            (file.kind == .file || file.kind == .executable)
                && (file.path == name || file.path.hasSuffix("/" + name))
        }
        guard found.count <= limits.serviceFiles else {
            throw DriverError(
                .refused,
                "commit \(commit.prefix(12)) has \(found.count) service files; \(limits.serviceFiles) are allowed")
        }
        return found
    }

    /// What a file holds.
    ///
    /// - Throws: `.refused` above `limit` bytes, or for a submodule.
    public func contents(of file: GitFile, limit: Int = 1 << 20) async throws(DriverError) -> [UInt8] {
        guard file.kind != .submodule else {
            throw DriverError(.refused, "\(GitText.plain(file.path, limit: 200)) is a submodule, not a file")
        }
        guard file.bytes <= limit else {
            throw DriverError(
                .refused,
                "\(GitText.plain(file.path, limit: 200)) has \(file.bytes) bytes; at most \(limit) are read")
        }
        return try await git.ask(["cat-file", "blob", file.object])
    }

    /// Whether a commit is here, by its full hash: a branch may bear a name that looks like one.
    func has(_ commit: String) async throws(DriverError) -> Bool {
        guard Self.isHash(commit) else { return false }
        return try await git.holds(["cat-file", "-e", commit + "^{commit}"])
    }

    func require(_ commit: String) async throws(DriverError) {
        guard Self.isHash(commit) else {
            throw DriverError(
                .refused, "expected the full hash of a commit, found '\(GitText.plain(commit, limit: 80))'")
        }
        guard try await has(commit) else {
            throw DriverError(
                .refused,
                "commit \(commit.prefix(12)) is not in the mirror of \(url): it was never on a branch that was "
                    + "fetched, or its history was rewritten")
        }
    }

    static func isHash(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// `<mode> <type> <object> <size>\t<path>`, the size filled with spaces.
    private static func file(_ record: ArraySlice<UInt8>) -> GitFile? {
        guard let tab = record.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
        let words = String(decoding: record[..<tab], as: UTF8.self).split(separator: " ")
        guard words.count == 4 else { return nil }
        let kind: GitFile.Kind =
            switch words[0] {
            case "100755": .executable
            case "120000": .symbolicLink
            case "160000": .submodule
            default: .file
            }
        return GitFile(
            path: String(decoding: record[(tab + 1)...], as: UTF8.self), kind: kind, object: String(words[2]),
            bytes: Int(words[3]) ?? 0)
    }
}
