import FoundationEssentials
import Subprocess

/// The git checkout around a directory, asked with git's own command.
struct GitCheckout: Sendable {
    /// Largest answer of git that is read.
    static let answerBytes = 4 << 20
    let directory: String
    /// Top of the work tree.
    let top: String
    /// `directory` within the work tree, with a `/` at its end, or empty for its top.
    let prefix: String

    /// - Returns: `nil` when `directory` is in no checkout, or there is no git.
    static func around(_ directory: String) async throws -> GitCheckout? {
        guard let lines = try await ask(directory, ["rev-parse", "--show-toplevel", "--show-prefix"]) else {
            return nil
        }
        let parts = lines.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let top = parts.first, !top.isEmpty else { return nil }
        return GitCheckout(directory: directory, top: top, prefix: parts.count > 1 ? parts[1] : "")
    }

    /// Full hash of what `name` (a branch, a tag, the beginning of a hash) stands for; `nil` when there is no such
    /// commit.
    func commit(_ name: String) async throws -> String? {
        try await Self.ask(directory, ["rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"])
    }

    /// Seconds since the epoch.
    func time(of commit: String) async throws -> Int64 {
        guard let text = try await Self.ask(directory, ["show", "-s", "--format=%ct", commit]), let time = Int64(text)
        else { throw CommandFailure(.failed, "git cannot tell when commit \(commit) was made; run git fsck") }
        return time
    }

    /// Changed and new files below the directory, without those that git ignores (a build's output).
    func changes() async throws -> [String] {
        let arguments = ["status", "--porcelain", "--untracked-files=normal", "--", "."]
        guard let text = try await Self.ask(directory, arguments) else {
            throw CommandFailure(.failed, "git status fails in \(directory); run it there to see why")
        }
        return text.split(separator: "\n").map(String.init)
    }

    /// The branch that is checked out; `nil` when it is a commit alone.
    func branch() async throws -> String? {
        try await Self.ask(directory, ["symbolic-ref", "--quiet", "--short", "HEAD"])
    }

    /// A commit of the work tree's known files as they are now, which no branch has; `nil` when nothing differs.
    func snapshot() async throws -> String? {
        let names = ["-c", "user.name=nonevent", "-c", "user.email=nonevent@localhost"]
        guard let commit = try await Self.ask(directory, names + ["stash", "create"]), !commit.isEmpty else {
            return nil
        }
        return commit
    }

    /// Copies a commit, whether a branch has it or not, into a bare repository that does not exist yet.
    func copy(_ commit: String, to repository: String) async throws {
        let steps = [
            ["init", "--quiet", "--bare", repository],
            ["--git-dir", repository, "config", "receive.shallowUpdate", "true"],
            ["push", "--quiet", "--no-verify", repository, commit + ":refs/heads/pipeline"],
        ]
        for step in steps where try await Self.ask(top, step) == nil {
            throw CommandFailure(.failed, "git \(step[0]) fails in \(top): commit \(commit) cannot be copied")
        }
    }

    /// Lays out the files of a commit below `place`.
    /// - Returns: the directory that corresponds to ``directory`` there.
    func extract(_ commit: String, below place: String) async throws -> String {
        let archive = place + "/commit.tar"
        let tree = place + "/tree"
        try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
        guard try await Self.ask(top, ["archive", "--format=tar", "--output", archive, commit]) != nil else {
            throw CommandFailure(.failed, "git archive \(commit) fails in \(top); run it there to see why")
        }
        let result = try await run(
            .name("tar"), arguments: ["-x", "-f", archive, "-C", tree], output: .discarded,
            error: .string(limit: 64 << 10))
        guard result.terminationStatus.isSuccess else {
            throw CommandFailure(.failed, "cannot unpack commit \(commit): \(result.standardError)")
        }
        return tree + "/" + prefix
    }

    /// Output of git without its last line end; `nil` when git says no.
    private static func ask(_ directory: String, _ arguments: [String]) async throws -> String? {
        do {
            let result = try await run(
                .name("git"), arguments: Arguments(["-C", directory] + arguments),
                output: .string(limit: answerBytes), error: .discarded)
            guard result.terminationStatus.isSuccess else { return nil }
            var kept = result.standardOutput[...]
            // Only the end: the first column of `status --porcelain` may be a space.
            while kept.hasSuffix("\n") && !kept.hasSuffix("\n\n") || kept == "\n" { kept = kept.dropLast() }
            return String(kept)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            return nil
        }
    }
}
