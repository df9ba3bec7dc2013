import AsyncHTTPClient
public import DeliveryModel
import NIOCore
import NIOHTTP1

extension ProcessInstanceDriver {
    static let probeInterval = Duration.milliseconds(50)
    static let probeLimit = Duration.seconds(1)
    /// A program that has ended so often before it was ready will not become so.
    static let endingsLimit = 3
    static let shownLines = 5
    /// Most bytes of a body that a smoke check looks into.
    static let bodyLimit = 1 << 20

    public nonisolated func waitUntilReady(_ plan: InstancePlan) async throws(DriverError) -> InstanceStatus {
        let place = try place(plan.id)
        let start = ContinuousClock.now
        var before: Int?
        var found = "nothing tried"
        while ContinuousClock.now - start < plan.ready.within {
            guard let status = await Self.status(of: place) else {
                throw DriverError(.failed, "instance \(plan.id) has not been started, or was stopped")
            }
            let first = before ?? (status.restarts < Self.endingsLimit ? 0 : status.restarts)
            before = first
            if status.restarts - first >= Self.endingsLimit {
                throw DriverError(
                    .failed,
                    "instance \(plan.id) ended \(Self.endingsLimit) times before it was ready: \(explain(plan, status))"
                )
            }
            if status.phase == .running && status.pid != 0 {
                found = await greet(plan, status.port)
                if found.hasPrefix("2") { return status }
            }
            do { try await Task.sleep(for: Self.probeInterval) } catch {
                throw DriverError(.timedOut, "the wait for instance \(plan.id) was cancelled")
            }
        }
        let status = await Self.status(of: place)
        throw DriverError(
            .timedOut,
            "instance \(plan.id) was not ready within \(plan.ready.within): expected "
                + (plan.speaks == .h2c ? "HTTP/2 settings" : "2xx from GET \(plan.ready.path)")
                + " on port \(status?.port ?? 0), last found \(found); \(explain(plan, status))")
    }

    /// - Returns: words that begin with 2 when the instance is ready.
    private nonisolated func greet(_ plan: InstancePlan, _ port: Int) async -> String {
        guard plan.speaks == .h2c else {
            return await probe("GET", port, plan.ready.path, within: Self.probeLimit).words
        }
        do {
            try await HTTP2Greeting.exchange(port: port, within: Self.probeLimit)
            return "200"
        } catch {
            return "no HTTP/2 settings: \(error)"
        }
    }

    public nonisolated func check(_ smoke: SmokeCheck, instance: InstanceStatus) async throws(DriverError) {
        let answer = await probe(smoke.method, instance.port, smoke.path, within: smoke.within)
        let what = "smoke check \(smoke.method) \(smoke.path) on \(instance.id)"
        guard case .status(let status, let body) = answer else {
            throw DriverError(.failed, "\(what): expected status \(smoke.status), found \(answer.words)")
        }
        guard status == smoke.status else {
            throw DriverError(.failed, "\(what): expected status \(smoke.status), found \(status)")
        }
        guard smoke.contains.isEmpty || body.contains(smoke.contains) else {
            throw DriverError(
                .failed, "\(what): expected a body with '\(smoke.contains)', found '\(body.prefix(200))'")
        }
    }

    enum ProbeAnswer {
        case status(Int, body: String)
        case failure(String)

        var words: String {
            switch self {
            case .status(let status, _): "\(status)"
            case .failure(let words): words
            }
        }
    }

    private nonisolated func probe(_ method: String, _ port: Int, _ path: String, within limit: Duration) async
        -> ProbeAnswer
    {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = HTTPMethod(rawValue: method)
        // Probes must not hold connections that a stop would wait for.
        request.headers.add(name: "connection", value: "close")
        let deadline = NIODeadline.now() + TimeAmount(limit)
        do {
            let response = try await client.execute(request, deadline: deadline)
            let body = try await response.wholeBody(upTo: Self.bodyLimit, before: deadline)
            return .status(Int(response.status.code), body: String(buffer: body))
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .connectTimeout {
            return .failure("no answer within \(limit)")
        } catch {
            return .failure("no answer: \(error)")
        }
    }

    private nonisolated func explain(_ plan: InstancePlan, _ status: InstanceStatus?) -> String {
        let path = options.logFile.isEmpty ? logs.file(plan.service, plan.release, plan.id) : options.logFile
        let lines = InstanceLogs.tail(path, lines: Self.shownLines * 4).filter { !$0.contains("Z nonevent: ") }
            .suffix(Self.shownLines)
        let output = lines.isEmpty ? "no output" : "last output: " + lines.joined(separator: " | ")
        return "last exit: \(status?.lastExit ?? "none"); \(output)"
    }
}
