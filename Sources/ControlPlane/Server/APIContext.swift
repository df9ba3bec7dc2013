import DeliveryAPI
import DeliveryModel
import DeliveryStore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import RolloutEngine

/// What every route works with, and the small steps they share.
struct APIContext: Sendable {
    /// Largest JSON body.
    static let bodyLimit = 1 << 20

    let reconciler: Reconciler
    let monitor: Monitor
    let desk: DeliveryDesk
    let database: DeliveryDatabase
    let archive: ReleaseArchive
    let logsDirectory: String
    let statusTexts = StatusTexts()

    func service(_ context: BasicRequestContext) throws -> ServiceName {
        let text = context.parameters.get("service") ?? ""
        guard let name = ServiceName(text) else {
            throw Problems.badRequest(
                "'\(text)' is not a service name: 1 to 63 lower-case letters, digits and '-'", code: "bad-service-name")
        }
        return name
    }

    func state(_ context: BasicRequestContext) async throws -> ServiceState {
        let name = try service(context)
        if let state = await reconciler.state(of: name) { return state }
        // Its first release waits in the queue.
        if await desk.waiting(name) != nil { return ServiceState(service: name) }
        throw Problems.unknownService(name.text, known: await reconciler.allStates().map(\.service))
    }

    func views(_ state: ServiceState) async -> StatusViews {
        // In this order: a deploy that leaves the queue in between is seen in both places, never in none.
        let waiting = await desk.waiting(state.service)
        let state = await reconciler.state(of: state.service) ?? state
        let snapshot = monitor.snapshot
        return StatusViews(
            state: state, waiting: waiting, snapshot: snapshot,
            warnings: StatusViews.warnings(snapshot, hasBacklog: await reconciler.hasBacklog),
            now: await reconciler.now(), mirrors: await mirrors(state))
    }

    /// Of all services; asks everybody once, not once for each service.
    func allViews() async -> [StatusViews] {
        let waiting = await desk.allWaiting
        let states = await reconciler.allStates()
        let (snapshot, now) = (monitor.snapshot, await reconciler.now())
        let warnings = StatusViews.warnings(snapshot, hasBacklog: await reconciler.hasBacklog)
        var views: [StatusViews] = []
        for state in states {
            views.append(
                StatusViews(
                    state: state, waiting: waiting[state.service], snapshot: snapshot, warnings: warnings, now: now,
                    mirrors: await mirrors(state)))
        }
        return views
    }

    /// What the router's mirrors have shown of the service; asked only where a service file wants one, and without an
    /// answer there are none: the status must be told when the router is away.
    private func mirrors(_ state: ServiceState) async -> [MirrorReport] {
        guard state.releases.values.contains(where: { $0.specification.route.mirror != nil }),
            let reports = try? await reconciler.traffic.mirrors()
        else { return [] }
        let candidate = state.rollout?.candidate ?? state.past.first?.candidate
        return reports.mirrors.filter { $0.service == state.service && $0.candidate == candidate }
    }

    /// A release of the service by digest, digest prefix or commit prefix.
    func release(_ text: String, in state: ServiceState) throws -> ReleaseDigest {
        let wanted = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
        guard wanted.utf8.count >= 4 else {
            throw Problems.badRequest(
                "'\(text)' is too short to name a release: give at least 4 characters", code: "bad-release")
        }
        let all = state.releases.values
        if let exact = all.first(where: { $0.commit == wanted || $0.digest.hex == wanted }) { return exact.digest }
        let found = all.filter { $0.digest.hex.hasPrefix(wanted) || $0.commit.hasPrefix(wanted) }.map(\.digest).sorted()
        if found.count > 1 {
            throw ProblemDetails(
                code: "ambiguous-release", title: "Ambiguous release", status: 409,
                detail: "'\(text)' may be \(found.map(\.short).joined(separator: " or ")); give more of it")
        }
        guard let digest = found.first else {
            throw ProblemDetails(
                code: "unknown-release", title: "Unknown release", status: 404,
                detail: "\(state.service) has no release '\(text)'; 'nonevent releases \(state.service)' lists them")
        }
        return digest
    }

    static func body<Value: Decodable>(_ type: Value.Type, _ request: Request) async throws -> Value {
        try decode(type, try await bytes(request))
    }

    /// - Returns: `nil` for a request without a body.
    static func bodyIfAny<Value: Decodable>(_ type: Value.Type, _ request: Request) async throws -> Value? {
        let buffer = try await bytes(request)
        return buffer.readableBytes == 0 ? nil : try decode(type, buffer)
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ buffer: ByteBuffer) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
        } catch {
            throw Problems.badRequest("the body is not the JSON expected for \(type): \(error)", code: "malformed-body")
        }
    }

    static func bytes(_ request: Request, limit: Int = bodyLimit) async throws -> ByteBuffer {
        let tooLarge = Problems.badRequest(
            "the body is larger than \(limit) bytes", code: "body-too-large", status: 413)
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        var all = ByteBuffer()
        for try await part in request.body {
            all.writeImmutableBuffer(part)
            if all.readableBytes > limit { throw tooLarge }
        }
        return all
    }

    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        text(try StoredForms.json(value), type: "application/json", status: status)
    }

    static func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
        Self.text(ByteBuffer(string: text), type: type, status: status)
    }

    static func text(_ text: ByteBuffer, type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(status: status, headers: [.contentType: type], body: .init(byteBuffer: text))
    }

    static func query(_ request: Request, _ name: String) -> String? {
        request.uri.queryParameters[Substring(name)].map(String.init)
    }

    static func number(_ request: Request, _ name: String, default standard: Int, in range: ClosedRange<Int>) throws
        -> Int
    {
        guard let text = query(request, name) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw Problems.badRequest(
                "\(name)='\(text)': a whole number from \(range.lowerBound) to \(range.upperBound) is expected")
        }
        return number
    }

    static func actor(_ request: Request) -> String {
        let name = HTTPField.Name("x-nonevent-actor").flatMap { request.headers[$0] } ?? "api"
        return String(name.prefix(100))
    }
}
