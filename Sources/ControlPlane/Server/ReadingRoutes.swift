import DeliveryAPI
import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import Hummingbird
import NIOCore
import RolloutEngine

/// Routes that only look.
struct ReadingRoutes: Sendable {
    static let pageLimit = 1000
    static let followPause = Duration.milliseconds(200)
    /// A comment keeps an idle stream open.
    static let heartbeat = Duration.seconds(15)

    let api: APIContext

    func add(to router: Router<BasicRequestContext>) {
        router.get("/api/v1/services") { _, _ in
            APIContext.text(try api.statusTexts.list(await api.allViews()), type: "application/json")
        }
        router.get("/api/v1/services/:service") { _, context in
            try APIContext.json(await api.views(try await api.state(context)).service)
        }
        router.get("/api/v1/services/:service/releases") { _, context in
            try APIContext.json(await api.views(try await api.state(context)).releases)
        }
        router.get("/api/v1/services/:service/history") { request, context in
            let limit = try APIContext.number(request, "limit", default: 20, in: 1...Self.pageLimit)
            let history = await api.views(try await api.state(context)).history
            return try APIContext.json(RolloutHistory(rollouts: Array(history.prefix(limit))))
        }
        router.get("/api/v1/services/:service/forecast") { _, context in
            try APIContext.json(try await api.views(try await api.state(context)).forecast(api.monitor.snapshot))
        }
        router.get("/api/v1/services/:service/ticks") { request, context in
            let history = await api.views(try await api.state(context)).history
            guard let rollout = APIContext.query(request, "rollout") else {
                throw Problems.badRequest("which rollout? ?rollout=ID; 'nonevent history' lists them")
            }
            guard history.contains(where: { $0.id == rollout }) else {
                throw ProblemDetails(
                    code: "unknown-rollout", title: "There is no such rollout", status: 404,
                    detail: "no rollout '\(rollout.prefix(100))' is remembered; 'nonevent history' lists them")
            }
            let lines = try api.database.ticks(rollout: rollout)
            return APIContext.text(lines.map { $0 + "\n" }.joined(), type: "application/jsonl")
        }
        router.get("/api/v1/prometheus/targets") { _, _ in
            try APIContext.json(await api.reconciler.allStates().flatMap(Self.targets))
        }
        router.get("/api/v1/services/:service/logs") { request, context in try await logs(request, context) }
        router.get("/api/v1/journal") { request, _ in
            let limit = try APIContext.number(request, "limit", default: 100, in: 1...Self.pageLimit)
            let service = APIContext.query(request, "service")
            let entries: [JournalEntry]
            if APIContext.query(request, "before") != nil {
                guard APIContext.query(request, "after") == nil else {
                    throw Problems.badRequest("give 'after' or 'before', not both", code: "bad-query")
                }
                let before = try APIContext.number(request, "before", default: .max, in: 1...Int.max)
                entries = try api.database.entries(before: Int64(before), service: service, limit: limit)
            } else {
                let after = try APIContext.number(request, "after", default: 0, in: 0...Int.max)
                entries = try api.database.entries(after: Int64(after), service: service, limit: limit)
            }
            return try APIContext.json(JournalPage(entries: entries.map(Self.item)))
        }
        router.get("/api/v1/journal/verify") { _, _ in
            let found = try api.database.verify()
            return try APIContext.json(
                JournalCheck(
                    entries: found.count, head: found.headHash,
                    problems: found.problems.map { .init(sequence: $0.sequence, what: $0.what) }))
        }
        router.get("/api/v1/events") { request, _ in try events(request) }
    }

    /// Ready instances only: the others have nothing to say yet.
    private static func targets(_ state: ServiceState) -> [ScrapeTarget] {
        state.releases.values.sorted { $0.acceptedAt < $1.acceptedAt }.flatMap { record in
            record.instances.filter(\.isReady).map { slot in
                ScrapeTarget(
                    targets: ["127.0.0.1:\(slot.port)"],
                    labels: [
                        "service": state.service.text, "release": record.digest.description, "commit": record.commit,
                        "instance_id": slot.id,
                    ])
            }
        }
    }

    static func item(_ entry: JournalEntry) -> JournalItem {
        JournalItem(
            sequence: entry.sequence, time: entry.time, service: entry.service, kind: entry.kind, actor: entry.actor,
            data: (try? StoredForms.decode(JSONValue.self, entry.data)) ?? .text(entry.data), hash: entry.hash)
    }

    /// Server-sent events of the journal, from `Last-Event-ID` or from now on.
    private func events(_ request: Request) throws -> Response {
        let service = APIContext.query(request, "service")
        let asked = request.headers[.init("last-event-id") ?? .accept].flatMap { Int64($0) }
        let start = try asked ?? api.database.load().lastSequence
        let database = api.database
        let body = ResponseBody { writer in
            var last = start
            var spoke = ContinuousClock.now
            // Says at once that the stream is open.
            try await writer.write(ByteBuffer(string: ": journal\n\n"))
            while !Task.isCancelled {
                let page = try database.entries(after: last, service: service, limit: Self.pageLimit)
                for entry in page {
                    let data = try StoredForms.json(Self.item(entry))
                    try await writer.write(
                        ByteBuffer(string: "id: \(entry.sequence)\nevent: \(entry.kind)\ndata: \(data)\n\n"))
                    last = entry.sequence
                    spoke = .now
                }
                if spoke.duration(to: .now) > Self.heartbeat {
                    try await writer.write(ByteBuffer(string: ": still here\n\n"))
                    spoke = .now
                }
                try await Task.sleep(for: Self.followPause)
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private func logs(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let state = try await api.state(context)
        let release = try APIContext.query(request, "release").map { try api.release($0, in: state) }
        let tail = try APIContext.number(request, "tail", default: 200, in: 0...100_000)
        let follow = APIContext.query(request, "follow") == "true"
        let logs = InstanceLogs(directory: api.logsDirectory)
        let service = state.service
        let body = ResponseBody { writer in
            var readers: [String: LogReader] = [:]
            for path in logs.files(service: service, release: release) {
                readers[path] = LogReader(path: path, fromEnd: true)
            }
            var past: [(path: String, line: String)] = []
            for path in readers.keys.sorted() {
                past += InstanceLogs.tail(path, lines: tail).map { (path, $0) }
            }
            // Every line begins with its time in a form that sorts as text.
            for (path, line) in past.sorted(by: { $0.line.prefix(24) < $1.line.prefix(24) }).suffix(tail) {
                try await writer.write(Self.line(path, line))
            }
            while follow, !Task.isCancelled {
                for path in logs.files(service: service, release: release) {
                    var reader = readers[path] ?? LogReader(path: path)
                    for line in reader.next() { try await writer.write(Self.line(path, line)) }
                    readers[path] = reader
                }
                try await Task.sleep(for: Self.followPause)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/jsonl"], body: body)
    }

    /// `.../<release hex>/<instance>.log` says whose line it is.
    private static func line(_ path: String, _ text: String) -> ByteBuffer {
        let parts = path.split(separator: "/")
        let instance = parts.last.map { $0.hasSuffix(".log") ? String($0.dropLast(4)) : String($0) } ?? ""
        guard let release = parts.dropLast().last.flatMap({ ReleaseDigest(String($0)) }),
            let json = try? StoredForms.json(LogItem(instance: instance, release: release, line: text))
        else { return ByteBuffer() }
        return ByteBuffer(string: json + "\n")
    }
}
