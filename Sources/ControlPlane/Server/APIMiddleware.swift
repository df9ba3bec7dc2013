import DeliveryAPI
import DeliveryModel
import DeliveryStore
import HTTPTypes
import Hummingbird
import NIOCore

/// Every error leaves as problem details.
struct ProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            return try Self.response(
                ProblemDetails(
                    code: error.status == .notFound ? "no-such-route" : "http-\(error.status.code)",
                    title: error.status.reasonPhrase, status: error.status.code,
                    detail: error.body ?? "\(request.method) \(request.uri.path): \(error.status.reasonPhrase)"))
        } catch {
            return try Self.response(Problems.details(error))
        }
    }

    private static func response(_ problem: ProblemDetails) throws -> Response {
        var response = try APIContext.json(problem, status: .init(code: problem.status))
        response.headers[.contentType] = "application/problem+json"
        if problem.status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}

/// Who may: a bearer token for all but what monitors and tools read before they have one.
struct TokenMiddleware: RouterMiddleware {
    static let open: Set<String> = ["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"]
    /// Signed instead.
    static let signed = "/api/v1/webhooks/"
    let tokens: AccessTokens

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        if Self.open.contains(request.uri.path), request.method == .get { return try await next(request, context) }
        if request.uri.path.hasPrefix(Self.signed), request.method == .post { return try await next(request, context) }
        let header = request.headers[.authorization] ?? ""
        guard header.lowercased().hasPrefix("bearer "), let right = tokens.right(of: String(header.dropFirst(7))) else {
            let found = header.isEmpty ? "none was sent" : "the one sent is not known here"
            throw ProblemDetails(
                code: "unauthorized", title: "A token is needed", status: 401,
                detail:
                    "this needs 'Authorization: Bearer <token>'; \(found). The token is in the file 'token' of "
                    + "the data directory"
            )
        }
        let reads = request.method == .get || request.method == .head
        guard reads || right == .write else {
            throw ProblemDetails(
                code: "forbidden", title: "Not allowed", status: 403,
                detail: "this token may only read; \(request.method) needs the token in the file 'token'")
        }
        return try await next(request, context)
    }
}

/// The same `Idempotency-Key` with the same request gets the same answer, and the work is done once.
struct IdempotencyMiddleware: RouterMiddleware {
    static let keyLimit = 200
    let database: DeliveryDatabase
    let clock: SteadyClock

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .post, !request.uri.path.hasPrefix(TokenMiddleware.signed),
            let key = HTTPField.Name("idempotency-key").flatMap({ request.headers[$0] })
        else { return try await next(request, context) }
        guard (1...Self.keyLimit).contains(key.utf8.count) else {
            throw Problems.badRequest("an Idempotency-Key has 1 to \(Self.keyLimit) bytes")
        }
        let body = try await APIContext.bytes(request)
        let fingerprint = "\(request.method) \(request.uri.path) \(String(buffer: body))"
        if let known = try? database.idempotent(key: key, at: clock.now) {
            guard known.fingerprint == fingerprint else {
                throw Problems.badRequest(
                    "the Idempotency-Key '\(key)' was used for another request", code: "idempotency-conflict",
                    status: 422)
            }
            return Response(
                status: .init(code: known.status), headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(bytes: known.body)))
        }
        var copy = request
        copy.body = .init(buffer: body)
        let response = try await next(copy, context)
        return try await keep(response, key, fingerprint)
    }

    private func keep(_ response: Response, _ key: String, _ fingerprint: String) async throws -> Response {
        let collector = BodyCollector()
        try await response.body.write(collector)
        let bytes = collector.bytes
        // A full disk must not stop an undo: the answer is right even if it is not remembered.
        try? database.remember(
            key: key,
            response: IdempotentResponse(
                fingerprint: fingerprint, status: response.status.code, body: Array(bytes.readableBytesView)),
            at: clock.now)
        return Response(status: response.status, headers: response.headers, body: .init(byteBuffer: bytes))
    }
}
