public import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// HTTP client of the control plane: one method a route.
///
/// Every method throws `ProblemDetails` when the control plane says no, `ControlPlaneUnreachable` when it cannot be
/// asked,
/// `UnreadableAnswer` when its answer makes no sense.
public struct ControlPlaneClient: Sendable {
    public let location: ControlPlaneLocation
    let http: HTTPClient
    let makeKey: @Sendable () -> String

    /// - Parameters:
    ///   - http: the caller shuts it down; make it with ``configuration``.
    ///   - makeKey: a new Idempotency-Key for each write.
    public init(
        location: ControlPlaneLocation, http: HTTPClient,
        makeKey: @escaping @Sendable () -> String = { ControlPlaneClient.randomKey() }
    ) {
        self.location = location
        self.http = http
        self.makeKey = makeKey
    }

    /// Never follows redirects nor retries a connection by itself: a command must say at once that nobody is there.
    public static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: ClientLimits.connect))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return configuration
    }

    /// Runs `body` with a client that is shut down when it returns.
    public static func with<Value: Sendable>(
        _ location: ControlPlaneLocation, body: @Sendable (ControlPlaneClient) async throws -> Value
    ) async throws -> Value {
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let value = try await body(ControlPlaneClient(location: location, http: http))
            try await http.shutdown()
            return value
        } catch {
            // The first error is the one to tell; a failing shutdown adds nothing to it.
            try? await http.shutdown()
            throw error
        }
    }

    /// 32 random hexadecimal digits.
    public static func randomKey() -> String {
        let digits = Array("0123456789abcdef")
        return String((0..<32).map { _ in digits[Int.random(in: 0..<16)] })
    }
}

extension ControlPlaneClient {
    func request(_ method: HTTPMethod, _ path: String, query: [(String, String?)] = []) -> HTTPClientRequest {
        var url = location.url + path
        let pairs = query.compactMap { name, value in value.map { name + "=" + URLText.encode($0) } }
        if !pairs.isEmpty { url += "?" + pairs.joined(separator: "&") }
        var request = HTTPClientRequest(url: url)
        request.method = method
        if !location.token.isEmpty { request.headers.add(name: "authorization", value: "Bearer " + location.token) }
        if !location.actor.isEmpty { request.headers.add(name: "x-nonevent-actor", value: location.actor) }
        return request
    }

    /// Asks once and returns the answer with its body unread, whatever its status.
    func execute(_ request: HTTPClientRequest, within timeout: TimeAmount?) async throws -> HTTPClientResponse {
        do {
            return try await http.execute(request, deadline: timeout.map { .now() + $0 } ?? .distantFuture)
        } catch {
            throw TransportFailure.translate(error, url: location.url)
        }
    }

    /// The whole body of a 2xx answer.
    /// - Throws: the `ProblemDetails` of any other.
    func body(of response: HTTPClientResponse) async throws -> ByteBuffer {
        do {
            guard (200..<300).contains(Int(response.status.code)) else {
                throw Self.problem(
                    status: response.status, body: try await response.body.collect(upTo: ClientLimits.problemBytes))
            }
            return try await response.body.collect(upTo: ClientLimits.answerBytes)
        } catch let problem as ProblemDetails {
            throw problem
        } catch {
            throw TransportFailure.translate(error, url: location.url)
        }
    }

    func get<Answer: Decodable>(_ path: String, query: [(String, String?)] = []) async throws -> Answer {
        let response = try await execute(request(.GET, path, query: query), within: ClientLimits.answer)
        return try decode(try await body(of: response), from: path)
    }

    func post<Body: Encodable, Answer: Decodable>(
        _ path: String, _ content: Body, key: String, within timeout: TimeAmount = ClientLimits.answer
    ) async throws -> Answer {
        var request = request(.POST, path)
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "idempotency-key", value: key)
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(content)))
        let response = try await execute(request, within: timeout)
        return try decode(try await body(of: response), from: path)
    }

    func decode<Answer: Decodable>(_ buffer: ByteBuffer, from path: String) throws -> Answer {
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(buffer.readableBytesView))
        } catch {
            throw UnreadableAnswer(
                message: "expected an answer of the control plane from \(location.url)\(path), found something else: "
                    + "\(error); is it of another version, or is another program listening there?")
        }
    }

    static func problem(status: HTTPResponseStatus, body: ByteBuffer) -> ProblemDetails {
        if let problem = try? JSONDecoder().decode(ProblemDetails.self, from: Data(body.readableBytesView)) {
            return problem
        }
        let text = String(decoding: body.readableBytesView.prefix(300), as: UTF8.self)
        return ProblemDetails(
            code: "http-\(status.code)", title: status.reasonPhrase, status: Int(status.code),
            detail: "the control plane answered \(status.code) \(status.reasonPhrase)"
                + (text.isEmpty ? "" : ": \(text)"))
    }
}
