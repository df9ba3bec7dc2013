public import DeliveryModel
import Glibc

/// The mirrors of all repositories that are known, one bare repository each.
public actor GitMirrors {
    nonisolated let directory: String
    nonisolated let limits: GitLimits
    private var fetching: Set<String> = []
    private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

    /// - Parameter directory: absolute path; holds `<name>.git`.
    public init(directory: String, limits: GitLimits = GitLimits()) {
        self.directory = directory
        self.limits = limits
    }

    /// The mirror of a repository; nothing is fetched.
    ///
    /// - Throws: `.refused` for a URL of another form than ``GitURL`` allows.
    public nonisolated func mirror(of repository: String) throws(DriverError) -> GitMirror {
        guard let url = GitURL(repository) else {
            throw DriverError(
                .refused,
                "'\(GitText.plain(GitCommand.withoutPasswords(repository), limit: 200))' is no repository that can be "
                    + "fetched; use an absolute path, user@host:path, or a URL of "
                    + GitURL.protocols.joined(separator: ", "))
        }
        return GitMirror(url: url, path: "\(directory)/\(Self.name(of: url)).git", limits: limits)
    }

    /// Brings a mirror up to date, one fetch at a time.
    ///
    /// - Throws: `.unreachable` when the repository cannot be reached or is gone, `.refused` when it wants another
    ///   user or passes a limit, `.timedOut`.
    public func fetch(_ repository: String) async throws(DriverError) -> GitFetch {
        let mirror = try mirror(of: repository)
        while !fetching.insert(mirror.path).inserted {
            await withCheckedContinuation { waiting[mirror.path, default: []].append($0) }
        }
        defer {
            fetching.remove(mirror.path)
            for continuation in waiting.removeValue(forKey: mirror.path) ?? [] { continuation.resume() }
        }
        return try await mirror.fetch()
    }

    /// Readable, and unique by the digest of the whole URL.
    private static func name(of url: GitURL) -> String {
        let last = url.path.split(separator: "/").last ?? ""
        let kept = last.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                Character(UnicodeScalar(byte))
            default: Character("-")
            }
        }
        return String(kept.prefix(40)) + "-" + ContentDigest.hexadecimal(of: Array(url.text.utf8)).prefix(12)
    }
}

/// What a fetch found.
public struct GitFetch: Sendable, Equatable {
    /// Full hash of each branch's last commit.
    public var branches: [String: String]
    /// Branches that are not as they were before, in the order of their names.
    public var changes: [GitBranchChange]
    /// Plain sentences for people: a shallow repository, a rewritten branch.
    public var notes: [String]
}

/// A branch that has another commit than before the fetch.
public struct GitBranchChange: Sendable, Equatable {
    public var branch: String
    /// `nil`: the branch is new.
    public var before: String?
    /// `nil`: the branch is gone.
    public var after: String?
    /// Its history was rewritten: the commit before is not among those that lead to the commit now.
    public var isForced: Bool

    public init(branch: String, before: String?, after: String?, isForced: Bool) {
        self.branch = branch
        self.before = before
        self.after = after
        self.isForced = isForced
    }
}
