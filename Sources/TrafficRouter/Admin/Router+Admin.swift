import DeliveryModel
import FoundationEssentials
import NIOHTTP1
import Synchronization

/// Answer of `GET /status`.
struct RouterStatus: Codable, Equatable {
    var pid: Int32
    var epoch: String
    var generation: UInt64
    var trafficPort: Int
    /// 0: TLS is not offered.
    var tlsPort: Int
    /// Why certificates are not in force as their files are now.
    var certificateFailures: [String]
    /// Whether the table in force is the one on disk.
    var tablePersisted: Bool
    /// Why it could not be written.
    var tableFileFailure: String?
    /// Which program this is, and how it was started; `nil` when whoever started it did not say.
    var launch: RouterLaunch?
}

/// Answer of `PUT /table` and `PATCH /table`.
struct AcceptedTable: Codable, Equatable {
    var generation: UInt64
}

extension Router {
    func answer(_ request: AdminRequest) async -> AdminResponse {
        var response = await respond(request)
        // Whoever keeps a connection must come to the router that has taken over.
        response.endsConnection = state.withLock { $0.phase != .running }
        return response
    }

    private func respond(_ request: AdminRequest) async -> AdminResponse {
        switch (request.method, request.path) {
        case (.PUT, "/table"): return await put(request.body)
        case (.PATCH, "/table"): return await patch(request)
        case (.GET, "/table"):
            let table = currentTable()
            return tagged(.json(of: table), table.generation)
        case (.GET, "/measures"): return .json(of: await reading(since: MeasureReading(request.query)))
        case (.GET, "/health"): return .json(of: await counters().conditions)
        case (.GET, "/status"): return .json(of: await status())
        case (.GET, "/mirrors"): return .json(of: await mirrorReports())
        case (.GET, "/metrics"):
            let text = PrometheusText.render(await measures()) + PrometheusText.render(await counters())
            return AdminResponse(status: .ok, type: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8))
        case (_, "/table"), (_, "/measures"), (_, "/status"), (_, "/metrics"), (_, "/health"), (_, "/mirrors"):
            return .problem(.methodNotAllowed, "\(request.method) is not offered at \(request.path)")
        default:
            return .problem(
                .notFound,
                "nothing at \(request.path); there are /table, /measures, /health, /mirrors, /status and /metrics")
        }
    }

    private func put(_ body: [UInt8]) async -> AdminResponse {
        let table: RouteTable
        do {
            table = try JSONText.decode(RouteTable.self, from: body)
        } catch {
            return .problem(.badRequest, JSONText.explain(error))
        }
        return await put(table)
    }

    /// A change of the table that the client knows, by its entity tag. Another one in force is never changed by it.
    private func patch(_ request: AdminRequest) async -> AdminResponse {
        guard let tag = request.ifMatch else {
            return .problem(
                .preconditionRequired,
                "name the table that you change: If-Match with the ETag of GET /table or of the last change")
        }
        let change: RouteTableChange
        do { change = try JSONText.decode(RouteTableChange.self, from: request.body) } catch {
            return .problem(.badRequest, JSONText.explain(error))
        }
        let base = currentTable()
        let current = entityTag(base.generation)
        guard tag == current else {
            return .problem(
                .preconditionFailed, "the table in force is \(current), not \(tag); read it and build on it")
        }
        guard change.generation > base.generation else {
            return .problem(
                .conflict,
                "generation \(change.generation) does not rise above \(base.generation), which is in force")
        }
        return await put(change.applied(to: base), onto: base.generation)
    }

    /// Two tables of one router with the same number are the same table.
    private func entityTag(_ generation: UInt64) -> String { "\"\(epoch).\(generation)\"" }

    private func tagged(_ response: AdminResponse, _ generation: UInt64) -> AdminResponse {
        var response = response
        response.entityTag = entityTag(generation)
        return response
    }

    private func put(_ table: RouteTable, onto base: UInt64? = nil) async -> AdminResponse {
        do {
            try await apply(table, onto: base)
            return tagged(.json(of: AcceptedTable(generation: table.generation)), table.generation)
        } catch {
            switch error.code {
            case .malformedTable: return .problem(.badRequest, error.message)
            case .otherBase: return .problem(.preconditionFailed, error.message)
            case .olderGeneration, .conflictingTable: return .problem(.conflict, error.message)
            // 503 says that the same table may be taken a moment later.
            case .notRunning: return .problem(.serviceUnavailable, error.message)
            case .addressInUse, .system: return .problem(.internalServerError, error.message)
            }
        }
    }

    private func status() async -> RouterStatus {
        let generation = currentTable().generation
        let persisted = await tableFile?.persistedGeneration
        return RouterStatus(
            pid: ProcessInfo.processInfo.processIdentifier, epoch: epoch, generation: generation,
            trafficPort: trafficPort, tlsPort: tlsPort,
            certificateFailures: certificates.failures, tablePersisted: persisted == generation,
            tableFileFailure: await tableFile?.failure, launch: configuration.launch)
    }
}
