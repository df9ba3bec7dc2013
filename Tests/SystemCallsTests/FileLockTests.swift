import Foundation
import Glibc
import SystemCalls
import Testing

@Suite struct FileLockTests {
    private func withPath(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/lock-\(UUID().uuidString)"
        defer { unlink(path) }
        try await body(path)
    }

    @Test func oneHoldsItAndTheNextMayWhenItIsReleased() async throws {
        try await withPath { path in
            #expect(!FileLock.isHeld(path), "there is no file yet")
            let first = try #require(try FileLock.take(path))
            #expect(FileLock.isHeld(path))
            #expect(try FileLock.take(path) == nil)
            first.release()
            #expect(!FileLock.isHeld(path))
            try #require(try FileLock.take(path)).release()
        }
    }

    /// As a child does between fork and exec: it has copies of all open files for an instant.
    @Test func aCopyThatStaysOpenDoesNotKeepAReleasedLock() async throws {
        try await withPath { path in
            let first = try #require(try FileLock.take(path))
            let copy = dup(first.descriptor)
            defer { close(copy) }
            first.release()
            try #require(try FileLock.take(path)).release()
        }
    }

    @Test func aLockGivenAwayIsHeldByWhoGotIt() async throws {
        try await withPath { path in
            let first = try #require(try FileLock.take(path))
            let second = FileLock(descriptor: dup(first.descriptor))
            first.giveAway()
            #expect(FileLock.isHeld(path))
            second.release()
            #expect(!FileLock.isHeld(path))
        }
    }

    @Test func oneHeldForAnInstantIsWaitedFor() async throws {
        try await withPath { path in
            let first = try #require(try FileLock.take(path))
            async let second = Task.detached { try FileLock.take(path, patience: .seconds(60)) }.value
            try await Task.sleep(for: .milliseconds(50))
            first.release()
            try #require(try await second).release()
        }
    }

    @Test func whereNoFileCanBeItSaysWhy() {
        #expect(throws: (any Error).self) { try FileLock.take("/nowhere/lock") }
    }
}
