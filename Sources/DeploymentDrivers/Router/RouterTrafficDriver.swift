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
    let client: HTTPClient
    private let texts = TableTexts()
    private let tables = LastTable()
    private let turns = RouterTurns()
    private let counts = LastCounts()

    /// - Parameters:
    ///   - socket: absolute path of the router's socket, at most 107 bytes.
    ///   - client: keeps the connection for the next call, which may be an undo; shut down by its owner.
    public init(socket: String, client: HTTPClient) {
        base = "http+unix://" + Self.percentEncoded(socket)
        self.client = client
    }

    /// Sends what has changed since the table that the router took last, or all of it when another one is in force.
    public func apply(_ table: RouteTable) async throws(DriverError) {
        // One after the other: a change of a table that is still on its way would be refused.
        guard await turns.begin() else {
            throw DriverError(.unreachable, "the router did not answer while table \(table.generation) waited its turn")
        }
        do throws(DriverError) {
            try await give(table)
            turns.end(answered: true)
        } catch {
            turns.end(answered: error.code != .unreachable)
            throw error
        }
    }

    private func give(_ table: RouteTable) async throws(DriverError) {
        if let (change, tag) = tables.change(to: table), let body = try? JSONEncoder.canonical.encode(change) {
            let answer = try await submit(.PATCH, ByteBuffer(bytes: body), ifMatch: tag)
            if answer.status == 200 { return tables.took(table, answer.tag) }
            // Whatever is wrong, the whole table tells it better; an older router knows whole tables only.
        }
        let body: ByteBuffer
        do { body = ByteBuffer(bytes: try texts.write(table)) } catch {
            throw DriverError(.refused, "route table \(table.generation) has no JSON form: \(error)")
        }
        guard body.readableBytes <= Self.bodyLimit else {
            throw DriverError(
                .refused,
                "route table \(table.generation) has \(body.readableBytes) bytes; the limit is \(Self.bodyLimit)")
        }
        let answer = try await submit(.PUT, body, ifMatch: nil)
        let words = String(buffer: answer.body).prefix(1000)
        switch answer.status {
        case 200...299: tables.took(table, answer.tag)
        case 409: throw DriverError(.stale, "the router has a table newer than \(table.generation): \(words)")
        case 400...499:
            throw DriverError(.refused, "the router refused table \(table.generation): \(answer.status) \(words)")
        default:
            throw DriverError(
                .failed, "the router answered \(answer.status) to table \(table.generation): \(words)")
        }
    }

    /// Sends a table or a change of it until a router takes it or says what is wrong.
    private func submit(_ method: HTTPMethod, _ body: ByteBuffer, ifMatch: String?) async throws(DriverError) -> Answer
    {
        let start = ContinuousClock.now
        var answer = try await send(method, "/table", body, ifMatch: ifMatch)
        // One router takes another one's place now: an undo must not wait until somebody looks at the tables again.
        while answer.status == 503, .now - start < Self.limit {
            try? await Task.sleep(for: Self.handoverPause)
            answer = try await send(method, "/table", body, ifMatch: ifMatch)
        }
        return answer
    }

    /// Only what has changed since the last call is asked for.
    public func measures() async throws(DriverError) -> TrafficMeasures {
        let known = counts.reading.map { "?epoch=\($0.epoch)&since=\($0.number)" } ?? ""
        return counts.follow(try await get("/measures" + known))
    }

    public func mirrors() async throws(DriverError) -> MirrorReports { try await get("/mirrors") }

    /// Of the router that listens now, which may be another one than that of a connection kept from before.
    public func status() async throws(DriverError) -> Status { try await get("/status", keepsConnection: false) }

    func get<Value: Decodable>(
        _ path: String, keepsConnection: Bool = true
    ) async throws(DriverError) -> Value {
        let answer = try await send(.GET, path, nil, keepsConnection: keepsConnection)
        guard answer.status == 200 else {
            throw DriverError(.failed, "expected 200 from the router's \(path), found \(answer.status)")
        }
        do { return try JSONDecoder().decode(Value.self, from: Data(answer.body.readableBytesView)) } catch {
            throw DriverError(.failed, "the router's \(path) is not what was expected: \(error)")
        }
    }

    private struct Answer {
        var status: UInt
        /// The entity tag of what the request made.
        var tag: String?
        var body: ByteBuffer
    }

    private func send(
        _ method: HTTPMethod, _ path: String, _ body: ByteBuffer?, ifMatch: String? = nil, keepsConnection: Bool = true
    ) async throws(DriverError) -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if !keepsConnection { request.headers.add(name: "connection", value: "close") }
        if let ifMatch { request.headers.add(name: "if-match", value: ifMatch) }
        if let body {
            request.body = .bytes(body)
            request.headers.add(name: "content-type", value: "application/json")
        }
        do {
            let deadline = NIODeadline.now() + TimeAmount(Self.limit)
            let response = try await client.execute(request, deadline: deadline)
            return Answer(
                status: response.status.code, tag: response.headers.first(name: "etag"),
                body: try await response.wholeBody(upTo: Self.bodyLimit, before: deadline))
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

    /// The table that the router took last, and its entity tag there. Shared by all copies of a driver.
    private final class LastTable: Sendable {
        private let last = Mutex<(table: RouteTable, tag: String)?>(nil)

        /// `nil`: none was taken, or it differs in more than services.
        func change(to table: RouteTable) -> (RouteTableChange, ifMatch: String)? {
            guard let (known, tag) = last.withLock({ $0 }), known.generation < table.generation,
                let change = RouteTableChange(from: known, to: table)
            else { return nil }
            return (change, tag)
        }

        /// - Parameter tag: `nil`: the router is older than entity tags.
        func took(_ table: RouteTable, _ tag: String?) { last.withLock { $0 = tag.map { (table, $0) } } }
    }

    /// Shared by all copies of a driver.
    private final class LastCounts: Sendable {
        private let last = Mutex<TrafficMeasures?>(nil)

        /// `nil`: none yet, or of a router that does not number its readings.
        var reading: (epoch: String, number: UInt64)? {
            last.withLock { last in last.flatMap { last in last.reading.map { (last.epoch, $0) } } }
        }

        func follow(_ news: TrafficMeasures) -> TrafficMeasures {
            last.withLock { last in
                if last == nil { last = news } else { last?.follow(news) }
                return last ?? news
            }
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
