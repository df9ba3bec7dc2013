import DeliveryModel
import Foundation
import Testing

@testable import DeploymentDrivers

/// What a shim does for a router beyond what it does for every program.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct RouterShimTests {
    private func options(first: [String]? = nil) -> ShimOptions {
        var options = ShimOptions.router
        options.firstArguments = first
        return options
    }

    @Test func theFirstStartAloneHasTheFirstArguments() async throws {
        try await DriverWorld.run(options: options(first: ["--takeover"])) { world in
            let plan = try world.plan(["sh", "-c", "echo \"args:$$*.\"; exit 1", "sh", "a"])
            _ = try await world.driver.start(plan)
            try await world.eventually("three starts") { try await world.status().restarts >= 3 }
            let said = world.text(world.logFile()).split(separator: "\n").filter { $0.contains("args:") }
                .map { $0.split(separator: " ", maxSplits: 1).last ?? "" }
            #expect(said.first == "args:a --takeover.")
            #expect(said.count >= 3 && said.dropFirst().allSatisfy { $0 == "args:a." }, "\(said)")
        }
    }

    @Test func theLastExitEndsTheShimAndAnyOtherDoesNot() async throws {
        try await DriverWorld.run(options: options()) { world in
            let mark = world.root + "/mark"
            let script = "if [ -e \(mark) ]; then exit \(RouterSlots.leavingCode); else touch \(mark); exit 0; fi"
            let plan = try world.plan(["sh", "-c", script])
            let shim = try await world.driver.start(plan).shimPid
            try await world.eventually("the shim to end") { !DriverWorld.lives(shim) }
            let status = try await world.status()
            #expect(status.phase == .stopped && status.restarts == 1, "\(status)")
            #expect(status.lastExit == "exited with code \(RouterSlots.leavingCode)")
        }
    }

    @Test func slotsAreNumbered() {
        #expect([1, 2, 30].map(RouterSlots.name) == ["router", "router-2", "router-30"])
        #expect(["router", "router-2", "router-30"].map(RouterSlots.number) == [1, 2, 30])
        #expect(["router-1", "router-", "router-x", "logs", "table.json"].compactMap(RouterSlots.number).isEmpty)
    }

    @Test func aBinaryIsToldFromItsCopy() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/identity-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (one, two) = (folder + "/one", folder + "/two")
        try "a".write(toFile: one, atomically: true, encoding: .utf8)
        try "a".write(toFile: two, atomically: true, encoding: .utf8)
        let first = try #require(FileIdentity.of(one))
        #expect(FileIdentity.of(one) == first && FileIdentity.of(two) != first)
        try "ab".write(toFile: one, atomically: false, encoding: .utf8)
        #expect(FileIdentity.of(one) != first && FileIdentity.of(folder + "/three") == nil)
        #expect(FileIdentity.running == FileIdentity.of(CommandLine.arguments[0]))
    }
}
