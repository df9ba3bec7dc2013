import DeliveryModel
import DeploymentDrivers
import Foundation
import Subprocess
import Testing

/// A directory with a real repository that tests push to, and mirrors of it.
struct GitFixture {
    let root: String
    /// A work tree; commits are made here.
    var work: String { root + "/work" }
    /// The bare repository that `work` pushes to.
    var origin: String { root + "/origin.git" }

    static func run(_ body: (GitFixture) async throws -> Void) async throws {
        let root = FileManager.default.temporaryDirectory.path + "/git-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let fixture = GitFixture(root: root)
        try await fixture.git("init", "--quiet", "--bare", "--initial-branch=main", fixture.origin)
        try await fixture.git("init", "--quiet", "--initial-branch=main", fixture.work)
        try await fixture.git("-C", fixture.work, "remote", "add", "origin", fixture.origin)
        try await body(fixture)
    }

    func mirrors(_ limits: GitLimits = GitLimits()) -> GitMirrors {
        GitMirrors(directory: root + "/mirrors", limits: limits)
    }

    /// Output of a git command that must succeed, without its last line end.
    @discardableResult
    func git(_ arguments: String...) async throws -> String { try await tool("git", arguments) }

    @discardableResult
    func tool(_ name: String, _ arguments: [String]) async throws -> String {
        let environment: [Environment.Key: String] = [
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "Ada", "GIT_ALLOW_PROTOCOL": "file",
            "GIT_COMMITTER_EMAIL": "ada@example.org", "HOME": root,
        ]
        let result = try await Subprocess.run(
            .name(name), arguments: Arguments(arguments), environment: .inherit.updating(environment),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let said = "\(name) \(arguments): \(result.standardError)"
        try #require(result.terminationStatus.isSuccess, Comment(rawValue: said))
        var text = result.standardOutput
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    func write(_ path: String, _ text: String, executable: Bool = false) throws {
        let place = work + "/" + path
        let parent = URL(fileURLWithPath: place).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: place))
        if executable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place) }
    }

    /// Commits all there is and pushes the branch.
    /// - Returns: the commit's full hash.
    @discardableResult
    func commit(_ message: String, push: Bool = true) async throws -> String {
        try await git("-C", work, "add", "--all")
        try await git("-C", work, "commit", "--quiet", "--allow-empty", "--message", message)
        if push { try await git("-C", work, "push", "--quiet", "--force", "origin", "HEAD") }
        return try await git("-C", work, "rev-parse", "HEAD")
    }

    /// Three services in one repository: two in directories, one at the top.
    func threeServices() async throws -> String {
        try write("nonevent.yaml", "service: site\n")
        try write("shop/nonevent.yaml", "service: shop\n")
        try write("shop/main.sh", "echo shop\n", executable: true)
        try write("billing/nonevent.yaml", "service: billing\n")
        try write("billing/main.sh", "echo billing\n")
        return try await commit("Three services")
    }

    func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}

/// The error that a call throws.
func driverError(
    location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> DriverError? {
    do {
        try await body()
        Issue.record("expected an error", sourceLocation: location)
        return nil
    } catch let error as DriverError {
        return error
    } catch {
        Issue.record("expected a DriverError, found \(error)", sourceLocation: location)
        return nil
    }
}
