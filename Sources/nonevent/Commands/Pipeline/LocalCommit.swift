import FoundationEssentials
import Subprocess

/// The commit that `pipeline run --local` runs, in the checkout around the service file.
struct LocalCommit: Sendable {
    /// A bare repository that has the commit, whatever branches there are.
    var repository: String
    var commit: String
    var branch: String
    /// Of the service file below the top, without a `/` at its end.
    var directory: String

    /// - Parameter place: a temporary directory.
    static func find(directory: String, allowDirty: Bool, place: String) async throws -> LocalCommit {
        guard let checkout = try await GitCheckout.around(directory) else {
            throw CommandFailure(
                .failed, "\(directory) is in no git checkout; a pipeline runs a commit: `git init` and `git commit`")
        }
        guard let head = try await checkout.commit("HEAD") else {
            throw CommandFailure(.failed, "\(checkout.top) has no commit yet: make one with `git commit`")
        }
        let changes = try await checkout.changes()
        guard changes.isEmpty || allowDirty else {
            throw CommandFailure(
                .failed,
                "the work tree has \(changes.count) changes that are in no commit, and a pipeline runs a commit; "
                    + "commit them, or take those of known files along with --allow-dirty")
        }
        // A commit that no branch has, made of the work tree; the work tree stays as it is.
        let snapshot = changes.isEmpty ? nil : try await checkout.snapshot()
        var prefix = checkout.prefix
        while prefix.hasSuffix("/") { prefix.removeLast() }
        let commit = snapshot ?? head
        try await checkout.copy(commit, to: place + "/commit.git")
        return LocalCommit(
            repository: place + "/commit.git", commit: commit, branch: try await checkout.branch() ?? "HEAD",
            directory: prefix)
    }
}
