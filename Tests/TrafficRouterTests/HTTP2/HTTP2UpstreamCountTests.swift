import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import TrafficRouter

/// What answers of HTTP/2 instances count as, and that the baseline stands in for them.
@Suite(.timeLimit(.minutes(2)))
struct HTTP2UpstreamCountTests {
    private typealias Cases = ConformanceTests

    private static func frame(_ flags: UInt8, _ stream: UInt32, _ fields: [(String, String)] = []) -> [UInt8] {
        FrameClient.frame(FrameType.headers, flags, stream, [0x88] + Block.fields(fields))
    }

    private static let grpc = ("content-type", "application/grpc")

    /// Answers of an instance, and whether each is a failure of its release.
    private static let answers: [(name: String, isBad: Bool, frames: @Sendable (UInt32) -> [UInt8])] = [
        ("well", false, { frame(5, $0) }),
        ("gRPC well", false, { frame(4, $0, [grpc]) + trailers($0, "0") }),
        ("gRPC UNAVAILABLE, trailers only", true, { frame(5, $0, [grpc, ("grpc-status", "14")]) }),
        ("gRPC NOT_FOUND, trailers only", false, { frame(5, $0, [grpc, ("grpc-status", "5")]) }),
        ("gRPC INTERNAL behind data", true, { frame(4, $0, [grpc]) + Cases.data($0, [0]) + trailers($0, "13") }),
        ("gRPC ABORTED behind data", false, { frame(4, $0, [grpc]) + Cases.data($0, [0]) + trailers($0, "10") }),
        ("too short", true, { frame(4, $0, [("content-length", "5")]) + Cases.data($0, [1, 2], flags: 1) }),
        ("too long", true, { frame(4, $0, [("content-length", "1")]) + Cases.data($0, [1, 2], flags: 1) }),
        (
            "too short, with trailers", true,
            { frame(4, $0, [("content-length", "5")]) + Cases.data($0, [1]) + trailers($0, "0") }
        ),
        (
            "reset amid its body", true,
            { frame(4, $0) + Cases.data($0, [1]) + FrameClient.frame(FrameType.reset, 0, $0, Cases.word(2)) }
        ),
        ("reset before its head", true, { FrameClient.frame(FrameType.reset, 0, $0, Cases.word(2)) }),
        ("data before its head", true, { Cases.data($0, [1]) }),
    ]

    private static func trailers(_ stream: UInt32, _ status: String) -> [UInt8] {
        FrameClient.frame(FrameType.headers, 5, stream, Block.fields([("grpc-status", status)]))
    }

    @Test("what counts as a failure of the release", arguments: answers.indices)
    func counts(index: Int) async throws {
        let answer = Self.answers[index]
        let instance = FrameInstance { frame, request in
            frame.type == FrameType.headers ? answer.frames(request.stream) : nil
        }
        try await withEntrance(.init(), instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1))
            let end = try await client.first { frame in
                frame.stream == 1 && (frame.type == FrameType.reset || frame.type <= 1 && frame.endsStream)
            }
            #expect(end != nil, "\(answer.name)")
            let counts = try await entrance.worker.submit { $0.measures() }.get()
                .services[try Sample.name()]?[try Sample.digest("a")]
            #expect(counts?.requests == 1 && counts?.bad == (answer.isBad ? 1 : 0), "\(answer.name)")
            #expect(counts?.inFlight.values.reduce(0, +) == 0, "\(answer.name)")
            await client.close()
        }
    }

    @Test("data in the answer to HEAD is no answer")
    func head() async throws {
        let instance = FrameInstance { frame, request in
            guard frame.type == FrameType.headers else { return nil }
            return Self.frame(4, request.stream, [("content-length", "1")]) + Cases.data(request.stream, [1], flags: 1)
        }
        try await withEntrance(.init(), instance: .frames(instance)) { entrance in
            let client = try await FrameClient.open(entrance.port)
            try await client.send(Cases.headers(1, Block.request("HEAD", "/")))
            _ = try await client.headers(1)
            #expect(
                try await eventually {
                    try await entrance.worker.submit { $0.measures() }.get()
                        .services[try Sample.name()]?[try Sample.digest("a")]?.bad == 1
                })
            await client.close()
        }
    }

    /// Sends GETs through a router to a candidate that fails and speaks one protocol; the baseline speaks the other.
    private func rescued(candidateSpeaks: InstanceProtocol, _ frames: @escaping FrameInstance.Script) async throws {
        let (group, plain) = (MultiThreadedEventLoopGroup.singleton, try await TestInstance.start("plain"))
        let listening = try await FrameInstance(frames).listen(on: group)
        let framed = RoutedInstance(id: "framed", port: try #require(listening.localAddress?.port))
        var baseline = try Sample.release("a", share: 1, [plain])
        var candidate = try Sample.release("b", share: 9_999, salt: "s", [plain])
        if candidateSpeaks == .h2c {
            (candidate.instanceProtocol, candidate.instances) = (.h2c, [framed])
        } else {
            (baseline.instanceProtocol, baseline.instances) = (.h2c, [framed])
            plain.failing.withLockedValue { $0 = true }
        }
        try await withRouter(try Sample.table([baseline, candidate]), workers: 1) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            for _ in 0..<20 {
                let response = try await client.get("/")
                #expect(response.status == 200)
                #expect(response["x-nonevent-release"] == String(repeating: "a", count: 12))
            }
            let bad = try await router.counts("b")
            #expect(bad.requests == bad.bad && bad.bad >= 19)
            #expect(await router.rescues("b").answered == bad.bad)
            await client.close()
        }
        try await listening.close()
        await plain.stop()
    }

    @Test("an HTTP/1 baseline answers for an HTTP/2 candidate", arguments: [0, 2, 4, 10, 11])
    func rescuedByPlain(way: Int) async throws {
        try await rescued(candidateSpeaks: .h2c) { frame, request in
            guard frame.type == FrameType.headers else { return nil }
            return switch way {
            case 0: FrameClient.frame(FrameType.headers, 5, request.stream, Block.fields([(":status", "500")]))
            // Ends the connection.
            case 4: []
            default: Self.answers[way].frames(request.stream)
            }
        }
    }

    @Test("an HTTP/2 baseline answers for an HTTP/1 candidate")
    func rescuedByFramed() async throws {
        try await rescued(candidateSpeaks: .http1) { frame, request in
            frame.type == FrameType.headers ? Self.frame(5, request.stream) : nil
        }
    }
}
