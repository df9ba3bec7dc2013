import DeliveryModel
import DeploymentDrivers
import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(2)))
struct ReadinessTests {
    @Test func aMissingProgramIsNamed() async throws {
        try await expectFailure(["./shop"], .failed, "cannot start ./shop: no such file")
    }

    @Test func aProgramThatEndsAtOnceIsShownWithItsOutput() async throws {
        try await expectFailure(["sh", "-c", "echo no database; exit 3"], .failed, "exited with code 3", "no database")
    }

    @Test func aProgramThatNeverListensTimesOut() async throws {
        try await expectFailure(["sleep", "60"], .timedOut, "not ready within", within: .milliseconds(600))
    }

    @Test func aProgramThatListensLateIsWaitedFor() async throws {
        try await DriverWorld.run { world in
            let plan = try world.plan(["sh", "-c", "sleep 0.7; exec \(DriverWorld.web.joined(separator: " "))"])
            _ = try await world.driver.start(plan)
            #expect(try await world.driver.waitUntilReady(plan).restarts == 0)
        }
    }

    private func expectFailure(
        _ command: [String], _ code: DriverError.Code, _ words: String..., within: Duration = .seconds(15)
    ) async throws {
        try await DriverWorld.run { world in
            let plan = try world.plan(command, ready: .init(path: "/", within: within))
            _ = try await world.driver.start(plan)
            let error = await #expect(throws: DriverError.self) { try await world.driver.waitUntilReady(plan) }
            #expect(error?.code == code)
            for words in words { #expect(error?.message.contains(words) == true, "\(error?.message ?? "")") }
        }
    }
}
