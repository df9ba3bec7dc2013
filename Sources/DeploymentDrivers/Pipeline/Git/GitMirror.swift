public import DeliveryModel
import Glibc

/// A bare copy of a repository's branches, from which everything else is read.
///
/// Reading needs no network and may go on while a fetch runs. Nothing of the repository is ever executed.
public struct GitMirror: Sendable {
    /// Room in ``GitLimits/fetchBytes`` for files of git's own, which count in the same limit.
    private static let slackBytes = 1 << 20
    /// Limits of file sizes count blocks of this many bytes.
    private static let blockBytes = 512

    public let url: GitURL
    /// Absolute path of the mirror.
    public let path: String
    let limits: GitLimits
    let git: GitCommand

    init(url: GitURL, path: String, limits: GitLimits) {
        self.url = url
        self.path = path
        self.limits = limits
        git = GitCommand(repository: path, limits: limits)
    }

    /// Whether anything was ever fetched.
    public var exists: Bool { access(path + "/HEAD", F_OK) == 0 }

    /// Fetches all branches; those that are gone are removed. Not to be called twice at once: see ``GitMirrors``.
    func fetch() async throws(DriverError) -> GitFetch {
        try await prepare()
        let used = DirectoryTree.bytes(of: path)
        guard used < limits.mirrorBytes else {
            throw DriverError(
                .refused,
                "the mirror of \(url) has \(used) bytes, \(limits.mirrorBytes) are allowed; remove "
                    + "\(path) to begin anew"
            )
        }
        let before = try await branches()
        let allowed = min(limits.fetchBytes, limits.mirrorBytes - used) + Self.slackBytes
        let arguments = [
            "fetch", "--quiet", "--force", "--prune", "--no-tags", "--no-recurse-submodules", "--update-shallow",
            "--no-write-fetch-head", "--", url.text, "+refs/heads/*:refs/heads/*",
        ]
        let outcome = try await git.run(arguments, within: limits.fetchTime, fileBytes: allowed)
        guard outcome.ending == .exited(code: 0) else { throw fetchFailure(outcome, allowed) }
        let after = try await branches()
        guard after.count <= limits.branches else {
            throw DriverError(
                .refused, "\(url) has \(after.count) branches; at most \(limits.branches) are looked after")
        }
        await tidy()
        return try await compared(before, after)
    }

    private func prepare() async throws(DriverError) {
        do throws(SystemFailure) {
            try ShimFiles.makeDirectories(path)
        } catch {
            throw DriverError(.failed, "cannot make the mirror of \(url): \(error)")
        }
        if !exists {
            _ = try await git.ask(["init", "--quiet", "--bare", "--template=", "--initial-branch=none"])
        }
        // A fetch that was killed leaves what had come by then.
        for draft in Self.drafts(in: path) { unlink(draft) }
    }

    private static func drafts(in path: String) -> [String] {
        DirectoryTree.names(in: path + "/objects/pack").filter { $0.hasPrefix("tmp_") }.map {
            "\(path)/objects/pack/\($0)"
        }
    }

    private func compared(_ before: [String: String], _ after: [String: String]) async throws(DriverError) -> GitFetch {
        var fetch = GitFetch(branches: after, changes: [], notes: [])
        for branch in Set(before.keys).union(after.keys).sorted() where before[branch] != after[branch] {
            var change = GitBranchChange(
                branch: branch, before: before[branch], after: after[branch], isForced: false)
            if let old = change.before, let new = change.after {
                change.isForced = try await !isAncestor(old, of: new)
                if change.isForced {
                    fetch.notes.append(
                        "the history of branch \(branch) was rewritten: \(old.prefix(12)) does not lead to "
                            + "\(new.prefix(12))")
                }
            }
            fetch.changes.append(change)
        }
        if isShallow {
            fetch.notes.append("\(url) is a shallow repository: its history is cut off, and batches may be incomplete")
        }
        return fetch
    }

    /// Packs many small packs into one now and then; a failure costs room only.
    private func tidy() async {
        let packs = DirectoryTree.names(in: path + "/objects/pack").filter { $0.hasSuffix(".pack") }.count
        guard packs > 20 else { return }
        _ = try? await git.ask(["gc", "--quiet", "--prune=30.days.ago"], within: limits.fetchTime)
    }

    private func fetchFailure(_ outcome: ChildRun.Outcome, _ allowed: Int) -> DriverError {
        let words = GitCommand.words(outcome.error)
        switch outcome.ending {
        case .timedOut:
            return DriverError(.timedOut, "fetching \(url) did not end within \(limits.fetchTime) and was ended")
        case .cancelled: return DriverError(.failed, "fetching \(url) was told to stop")
        default: break
        }
        // git does not always say why what came could not be written, so what had come by then is looked at.
        if DiskSpace.isUsedUp(at: path) || words.contains("No space left on device") {
            return DriverError(.failed, "the disk is full: cannot fetch \(url) into \(path)")
        }
        let largest = Self.drafts(in: path).map { DirectoryTree.size(of: $0) }.max() ?? 0
        if largest + Self.blockBytes >= allowed {
            return DriverError(
                .refused,
                "\(url) wants to send more than is allowed: \(limits.fetchBytes) bytes a fetch, "
                    + "\(limits.mirrorBytes) in all")
        }
        for sign in ["could not read Username", "Authentication failed", "Permission denied", "error: 403"]
        where words.contains(sign) {
            return DriverError(
                .refused,
                "\(url) wants a user that may read it: put a key of ssh or ~/.netrc in place for the user of the "
                    + "control plane (\(words))")
        }
        return DriverError(.unreachable, "cannot fetch \(url): \(words)")
    }
}
