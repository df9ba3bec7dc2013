public import AsyncHTTPClient
public import DeliveryModel
import FoundationEssentials
import NIOCore
import NIOHTTP1
import Synchronization

/// Moves traffic by the administration socket of a `nonevent router`.
public struct RouterTrafficDriver: TrafficDriver {
    public static let limit = Duration.seconds(2)
    /// Between two tries of a table while one router takes another one's place; all together last ``limit`` at most.
    static let handoverPause = Duration.milliseconds(20)
    /// Most bytes of a table or of measures.
    public static let bodyLimit = 16 << 20

    /// What a router says of itself.
    public struct Status: Sendable, Equatable, Codable {
        public var pid: Int32
        public var epoch: String
        public var generation: UInt64
        public var trafficPort: Int
        /// 0: TLS is not offered; `nil`: the router is older than this field, as with the next one.
        public var tlsPort: Int?
        /// Why certificates are not in force as their files are now.
        public var certificateFailures: [String]?
        public var tablePersisted: Bool
        /// `nil`: it does not say.
        public var launch: Launch?
    }

    /// Which program a router is, and how it was started.
    public struct Launch: Sendable, Equatable, Codable {
        /// See ``FileIdentity``.
        public var executable: String
        /// What stood behind `nonevent router`.
        public var options: [String]
    }

    private let base: String
    private let client: HTTPClient
    private let texts = TableTexts()

    /// - Parameters:
    ///   - socket: absolute path of the router's socket, at most 107 bytes.
    ///   - client: keeps the connection for the next call, which may be an undo; shut down by its owner.
    public init(socket: String, client: HTTPClient) {
        base = "http+unix://" + Self.percentEncoded(socket)
        self.client = client
    }

    public func apply(_ table: RouteTable) async throws(DriverError) {
        let body: ByteBuffer
        do { body = ByteBuffer(bytes: try texts.write(table)) } catch {
            throw DriverError(.refused, "route table \(table.generation) has no JSON form: \(error)")
        }
        guard body.readableBytes <= Self.bodyLimit else {
            throw DriverError(
                .refused,
                "route table \(table.generation) has \(body.readableBytes) bytes; the limit is \(Self.bodyLimit)")
        }
        let start = ContinuousClock.now
        var (status, answer) = try await send(.PUT, "/table", body)
        // One router takes another one's place now: an undo must not wait until somebody looks at the tables again.
        while status == 503, .now - start < Self.limit {
            try? await Task.sleep(for: Self.handoverPause)
            (status, answer) = try await send(.PUT, "/table", body)
        }
        let words = String(buffer: answer).prefix(1000)
        switch status {
        case 200...299: return
        case 409: throw DriverError(.stale, "the router has a table newer than \(table.generation): \(words)")
        case 400...499: throw DriverError(.refused, "the router refused table \(table.generation): \(status) \(words)")
        default: throw DriverError(.failed, "the router answered \(status) to table \(table.generation): \(words)")
        }
    }

    public func measures() async throws(DriverError) -> TrafficMeasures { try await get("/measures") }

    public func mirrors() async throws(DriverError) -> MirrorReports { try await get("/mirrors") }

    /// Of the router that listens now, which may be another one than that of a connection kept from before.
    public func status() async throws(DriverError) -> Status { try await get("/status", keepsConnection: false) }

    private func get<Answer: Decodable>(
        _ path: String, keepsConnection: Bool = true
    ) async throws(DriverError) -> Answer {
        let (status, body) = try await send(.GET, path, nil, keepsConnection: keepsConnection)
        guard status == 200 else {
            throw DriverError(.failed, "expected 200 from the router's \(path), found \(status)")
        }
        do { return try JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView)) } catch {
            throw DriverError(.failed, "the router's \(path) is not what was expected: \(error)")
        }
    }

    private func send(
        _ method: HTTPMethod, _ path: String, _ body: ByteBuffer?, keepsConnection: Bool = true
    ) async throws(DriverError) -> (UInt, ByteBuffer) {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if !keepsConnection { request.headers.add(name: "connection", value: "close") }
        if let body {
            request.body = .bytes(body)
            request.headers.add(name: "content-type", value: "application/json")
        }
        do {
            let deadline = NIODeadline.now() + TimeAmount(Self.limit)
            let response = try await client.execute(request, deadline: deadline)
            return (response.status.code, try await response.wholeBody(upTo: Self.bodyLimit, before: deadline))
        } catch {
            throw DriverError(
                .unreachable, "the router did not answer \(method.rawValue) \(path) within \(Self.limit): \(error)")
        }
    }

    /// Shared by all copies of a driver.
    private final class TableTexts: Sendable {
        private let text = Mutex(RouteTableText())

        func write(_ table: RouteTable) throws -> [UInt8] {
            try text.withLock { text in Result { try text.write(table) } }.get()
        }
    }

    private static func percentEncoded(_ path: String) -> String {
        path.utf8.map { byte in
            let plain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._~".utf8.contains(byte)
            if plain { return String(decoding: [byte], as: UTF8.self) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
