import DeliveryAPI
import FoundationEssentials

/// A git repository of the demo's own with the example service in it, below a temporary directory.
struct DemoRepository: Sendable {
    /// Everything of the demo; removed at its end.
    let place: String
    var work: String { place + "/shop" }
    var serviceFile: String { work + "/nonevent.yaml" }
    var data: String { place + "/data" }

    /// Builds the example if it is not, and copies it.
    /// - Throws: `CommandFailure` naming what is missing: the example, git, or the Swift compiler.
    static func make(example: String?) async throws -> DemoRepository {
        let example = try example ?? findExample()
        try await DemoTool.require("git", ["--version"])
        try await DemoTool.require(example + "/build.sh", [])
        let place =
            FileManager.default.temporaryDirectory.path + "/nonevent-demo-"
            + ControlPlaneClient.randomKey().prefix(8)
        let repository = DemoRepository(place: place)
        do {
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try FileManager.default.copyItem(atPath: example, toPath: repository.work)
        } catch {
            throw CommandFailure(.failed, "cannot copy the example service from \(example) to \(place): \(error)")
        }
        try await repository.git("init", "--quiet")
        return repository
    }

    /// Sets lines `key = value` of the service's configuration and commits everything.
    /// - Returns: the commit's full hash.
    func commit(_ changes: [String: String], message: String) async throws -> String {
        let path = work + "/config/production.conf"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.failed, "the example has no \(path); restore Examples/shop from git")
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let changed = lines.map { line in
            let key = line.split(separator: "=").first.map { $0.filter { !$0.isWhitespace } } ?? ""
            return changes[key].map { "\(key) = \($0)" } ?? String(line)
        }
        do {
            try Data(changed.joined(separator: "\n").utf8).write(to: URL(filePath: path))
        } catch {
            throw CommandFailure(.failed, "cannot write \(path): \(error)")
        }
        try await git("add", "--all")
        try await git("commit", "--quiet", "--allow-empty", "--message", message)
        let hash = try await DemoTool.require("git", ["-C", work, "rev-parse", "HEAD"])
        return String(hash.prefix { !$0.isWhitespace })
    }

    func remove() { try? FileManager.default.removeItem(atPath: place) }

    private func git(_ arguments: String...) async throws {
        // The demo is nobody's work: it asks for no name, no signature and no hook of the user's.
        let settings = [
            "user.name=Demo", "user.email=demo@localhost", "commit.gpgsign=false", "core.hooksPath=/dev/null",
            "init.defaultBranch=main",
        ]
        try await DemoTool.require("git", ["-C", work] + settings.flatMap { ["-c", $0] } + arguments)
    }

    /// `Examples/shop` above this program, or above the working directory.
    private static func findExample() throws -> String {
        let starts = [try DemoTool.ownPath(), FileManager.default.currentDirectoryPath + "/."]
        for start in starts {
            var parts = start.split(separator: "/").dropLast()
            while true {
                let found = "/" + (parts + ["Examples", "shop"]).joined(separator: "/")
                if FileManager.default.fileExists(atPath: found + "/shop.swift") { return found }
                if parts.isEmpty { break }
                parts.removeLast()
            }
        }
        throw CommandFailure(
            .failed,
            "expected Examples/shop above this program or the working directory, found none; name it with --example")
    }
}
