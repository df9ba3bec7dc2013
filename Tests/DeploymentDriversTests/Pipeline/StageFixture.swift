import DeliveryModel
import DeploymentDrivers
import Foundation
import Testing

/// A repository, and a driver that runs stages on its commits.
struct StageFixture {
    let git: GitFixture
    let driver: ProcessStageDriver
    let limits: StageLimits

    static let limit = Duration.seconds(60)

    static func run(
        limits: StageLimits = Self.quick, environment: [String: String] = [:],
        _ body: (StageFixture) async throws -> Void
    ) async throws {
        try await GitFixture.run { git in
            try FileManager.default.createDirectory(atPath: git.root + "/marks", withIntermediateDirectories: true)
            let fixture = StageFixture(
                git: git, driver: driver(git, git.root + "/stages", limits, environment), limits: limits)
            var failure: (any Error)?
            do { try await body(fixture) } catch { failure = error }
            // Whatever a broken driver left must not outlive the test.
            for mark in try FileManager.default.contentsOfDirectory(atPath: git.root + "/marks") {
                if let pid = fixture.pid(mark) { kill(pid, SIGKILL) }
            }
            if let failure { throw failure }
        }
    }

    static func driver(
        _ git: GitFixture, _ directory: String, _ limits: StageLimits = Self.quick,
        _ environment: [String: String] = [:]
    ) -> ProcessStageDriver {
        ProcessStageDriver(
            directory: directory, executable: DriverWorld.binary, mirrors: git.mirrors(),
            secrets: StageSecrets(directory: git.root + "/secrets", environment: environment), limits: limits)
    }

    /// A short grace, so that tests of stubborn programs are short.
    static var quick: StageLimits {
        var limits = StageLimits()
        limits.grace = .seconds(1)
        return limits
    }

    func plan(
        _ command: StagePlan.Command, commit: String, attempt: String = "shop-p1-test-1", stage: String = "test",
        environment: [String: String] = [:], secrets: [String] = [], timeout: Duration = .seconds(60),
        cache: StagePlan.Cache? = nil, restored: [String] = [], junit: String? = nil, directory: String = ""
    ) throws -> StagePlan {
        var all = ["MARKS": git.root + "/marks"]
        all.merge(environment) { $1 }
        return StagePlan(
            attempt: attempt, service: try #require(ServiceName("shop")), repository: git.origin, commit: commit,
            branch: "main", directory: directory, stage: stage, command: command, environment: all,
            secrets: secrets, timeout: timeout, cache: cache, restored: restored, junit: junit)
    }

    func commit() async throws -> String {
        try git.write("nonevent.yaml", "service: shop\n")
        return try await git.commit("A commit")
    }

    func secret(_ name: String, _ value: String, mode: Int = 0o600) throws {
        let directory = git.root + "/secrets"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(value.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(directory)/\(name)")
    }

    /// All of an attempt's output that is kept.
    func output(_ attempt: String = "shop-p1-test-1") async throws -> String {
        var bytes: [UInt8] = []
        var offset = 0
        while true {
            let piece = try await driver.output(of: attempt, from: offset, limit: 1 << 20)
            bytes += piece.bytes
            offset = piece.end
            if piece.isLast || piece.bytes.isEmpty { return String(decoding: bytes, as: UTF8.self) }
        }
    }

    /// A process id that a stage wrote to `$MARKS/<name>`.
    func pid(_ mark: String) -> Int32? {
        git.text("\(git.root)/marks/\(mark)").flatMap { Int32($0.filter(\.isNumber)) }
    }

    func lives(_ mark: String) -> Bool { pid(mark).map(DriverWorld.lives) ?? false }

    /// Names of what attempts under way have on the disk.
    func underWay() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: git.root + "/stages/attempts")) ?? []
    }

    func eventually(
        _ what: String, location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + Self.limit
        while ContinuousClock.now < deadline {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("not within \(Self.limit): \(what)", sourceLocation: location)
    }
}
