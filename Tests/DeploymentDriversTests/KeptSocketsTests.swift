import DeliveryModel
import Foundation
import Glibc
import Testing

@testable import DeploymentDrivers

/// A shim keeps the listening sockets of its program open while that is restarted. The program here is Python and
/// speaks systemd's words by itself.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct KeptSocketsTests {
    /// Listens, or takes the socket that it is given; gives it away; answers each connection with its pid. It says
    /// `ready` unless a file `mute` is there.
    private static let program = """
        import os, socket, sys
        names = os.environ.get("LISTEN_FDNAMES", "").split(":")
        print("given", os.environ.get("LISTEN_FDS", "0"), *names, flush=True)
        if os.path.exists(sys.argv[1]):
            sys.exit(1)
        if "traffic" in names:
            server = socket.socket(fileno=3 + names.index("traffic"))
        else:
            server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.connect(os.environ["NOTIFY_SOCKET"])
        socket.send_fds(manager, [b"FDSTORE=1\\nFDNAME=traffic"], [server.fileno()])
        # Neither has a name that can be told on: not kept.
        socket.send_fds(manager, [b"FDSTORE=1\\nFDNAME=a:b"], [server.fileno()])
        socket.send_fds(manager, [b"FDSTORE=1"], [server.fileno()])
        manager.send(b"READY=1")
        print("ready", flush=True)
        while True:
            client, _ = server.accept()
            client.send(str(os.getpid()).encode())
            client.close()
        """

    private func withProgram(
        patience: Duration, backoff: Duration, _ body: (DriverWorld, InstanceStatus, String) async throws -> Void
    ) async throws {
        var options = ShimOptions(backoffFirst: backoff, backoffLimit: backoff)
        options.socketPatience = patience
        try await DriverWorld.run(options: options) { world in
            let mute = world.root + "/mute"
            let script = world.root + "/program.py"
            try Self.program.write(toFile: script, atomically: true, encoding: .utf8)
            _ = try await world.driver.start(world.plan(["python3", "-u", script, mute]))
            try await world.eventually("the program") { world.text(world.logFile()).contains(" ready") }
            try await body(world, world.status(), mute)
        }
    }

    /// - Returns: what the peer says, waited for; `nil`: refused or reset.
    private func ask(_ port: Int) async -> String? {
        await Task.detached {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            defer { close(client) }
            let connected = DriverWorld.atPort(port) { connect(client, $0, $1) }
            var buffer = [UInt8](repeating: 0, count: 32)
            guard connected == 0 else { return nil }
            let count = recv(client, &buffer, buffer.count, 0)
            return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
        }.value
    }

    @Test func whoComesWhileItIsAwayIsServedByTheNextOne() async throws {
        try await withProgram(patience: .seconds(20), backoff: .milliseconds(300)) { world, first, _ in
            #expect(await ask(first.port) == String(first.pid))
            for _ in 0..<2 {
                let before = try await world.status()
                kill(before.pid, SIGKILL)
                try await world.eventually("its end") { !DriverWorld.lives(before.pid) }
                let answer = try #require(await ask(before.port), "\(world.text(world.logFile()))")
                #expect(try await answer == String(world.status().pid) && answer != String(before.pid))
            }
            let said = world.text(world.logFile())
            #expect(said.components(separatedBy: "Z given 1 traffic\n").count == 3, "\(said)")
            // Stopped, it is waited for no longer.
            try await world.driver.stop("shop-1", grace: .zero)
            #expect(await ask(first.port) == nil)
        }
    }

    @Test func whenItStaysAwayClientsAreRefused() async throws {
        try await withProgram(patience: .milliseconds(400), backoff: .milliseconds(20)) { world, first, mute in
            #expect(FileManager.default.createFile(atPath: mute, contents: nil))
            kill(first.pid, SIGKILL)
            try await world.eventually("its end") { !DriverWorld.lives(first.pid) }
            let began = ContinuousClock.now
            #expect(await ask(first.port) == nil, "who waited is let go")
            #expect(.now - began < .seconds(15))
            try await world.eventually("the note") {
                world.text(world.logFile()).contains("its listening sockets are closed: it is not ready again")
            }
            #expect(await ask(first.port) == nil)
            // When it is mended it begins anew.
            try FileManager.default.removeItem(atPath: mute)
            try await world.eventually("the program again") {
                world.text(world.logFile()).components(separatedBy: "Z ready\n").count == 3
            }
            #expect(try await ask(world.status().port) == String(world.status().pid))
        }
    }

    @Test func otherProgramsAreNotAskedForSockets() async throws {
        try await DriverWorld.run { world in
            let script = "echo notify:$$NOTIFY_SOCKET. listen:$$LISTEN_FDS.; sleep 60"
            _ = try await world.driver.start(world.plan(["sh", "-c", script]))
            try await world.eventually("its words") {
                world.text(world.logFile()).contains("notify:. listen:.")
            }
        }
    }
}
