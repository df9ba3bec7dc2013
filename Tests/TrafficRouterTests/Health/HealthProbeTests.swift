import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import TrafficRouter

struct HealthProbeTests {
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    static func probe(
        _ port: Int, _ dialogue: HealthDialogue? = nil, within: TimeAmount = .seconds(10)
    ) async throws -> Bool {
        let loop = group.next()
        let dialogue = dialogue ?? .http1(path: "/healthz", host: "127.0.0.1", port: port)
        return try await loop.flatSubmit {
            let promise = loop.makePromise(of: Bool.self)
            HealthProbe.run(dialogue, host: "127.0.0.1", port: port, on: loop, deadline: .now() + within) {
                promise.succeed($0)
            }
            return promise.futureResult
        }.get()
    }

    @Test(arguments: [
        (["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"], true), (["HTTP/1.0 204 No Content\r\n\r\n"], true),
        (["HT", "TP/1.1 2", "00 OK\r", "\n\r\n"], true),
        (["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\n"], true),
        (["HTTP/1.1 503 Service Unavailable\r\n\r\n"], false), (["HTTP/1.1 301 Moved\r\n\r\n"], false),
        (["HTTP/1.1 200 OK\n\n"], false), (["SSH-2.0-OpenSSH\r\n"], false), ([], false),
    ])
    func verdicts(pieces: [String], isWell: Bool) async throws {
        let server = try await ScriptedServer.start(.init(pieces: pieces), on: Self.group)
        #expect(try await Self.probe(server.port) == isWell)
        let request = server.seen.withLockedValue { $0.requests.first }
        #expect(request?.hasPrefix("GET /healthz HTTP/1.1\r\nhost: 127.0.0.1:\(server.port)\r\n") == true)
        await server.stop()
    }

    @Test func silenceFailsAtTheDeadline() async throws {
        let server = try await ScriptedServer.start(.init(closes: false), on: Self.group)
        let begun = NIODeadline.now()
        #expect(try await Self.probe(server.port, within: .milliseconds(100)) == false)
        #expect(NIODeadline.now() - begun >= .milliseconds(100))
        try await eventually("the end of the connections") { server.seen.withLockedValue { $0.open } == 0 }
        await server.stop()
    }

    @Test func aRefusalFailsAtOnce() async throws {
        let server = try await ScriptedServer.start(.init(), on: Self.group)
        await server.stop()
        let begun = NIODeadline.now()
        #expect(try await Self.probe(server.port) == false)
        #expect(NIODeadline.now() - begun < .seconds(5))
    }

    @Test func anInstanceMayFinishItsAnswer() async throws {
        let body = String(repeating: "x", count: 4_000)
        let pieces = ["HTTP/1.1 200 OK\r\n\r\n", body, body, body]
        let server = try await ScriptedServer.start(.init(pieces: pieces), on: Self.group)
        #expect(try await Self.probe(server.port))
        try await eventually("the end of the connections") { server.seen.withLockedValue { $0.open } == 0 }
        #expect(server.seen.withLockedValue { $0.cutOff } == 0)
        #expect(server.seen.withLockedValue { $0.errors } == 0)
        await server.stop()
    }

    @Test func anEndlessAnswerIsCutOff() async throws {
        let piece = String(repeating: "x", count: 40_000)
        let pieces = ["HTTP/1.1 200 OK\r\n\r\n"] + Array(repeating: piece, count: 1_000)
        let server = try await ScriptedServer.start(.init(pieces: pieces), on: Self.group)
        #expect(try await Self.probe(server.port))
        try await eventually("the end of the connections") { server.seen.withLockedValue { $0.open } == 0 }
        #expect(server.seen.withLockedValue { $0.cutOff } == 1)
        await server.stop()
    }

    @Test(arguments: [("\0\0\0\u{4}\0\0\0\0\0", true), ("HTTP/1.1 400 Bad Request\r\n\r\n", false)])
    func http2(answer: String, isWell: Bool) async throws {
        let server = try await ScriptedServer.start(.init(pieces: [answer], closes: false), on: Self.group)
        #expect(try await Self.probe(server.port, .http2()) == isWell)
        try await eventually("the end of the connections") { server.seen.withLockedValue { $0.open } == 0 }
        await server.stop()
    }
}
