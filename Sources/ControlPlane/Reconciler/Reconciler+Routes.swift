import DeliveryModel
import Logging
import RolloutEngine

/// How many tables have been on their way to the router.
struct TablePuts: Equatable {
    var begun = 0
    var ended = 0
}

extension Reconciler {
    /// The table of all services as decided now.
    func routeTable() -> RouteTable { routeTable(settings) }

    private func routeTable(_ settings: RouterSettings) -> RouteTable {
        let ordered = states.values.sorted { $0.service < $1.service }.map { routed.part($0) }
        return RouteTable(
            generation: tableGeneration,
            services: ordered.compactMap(\.routes),
            certificates: RoutedCertificate.merged(ordered.compactMap(\.certificate)),
            trustedProxies: settings.trustedProxies, limits: settings.limits, accessLog: settings.accessLog)
    }

    /// That of ``routeTable()``, without making it.
    private var tableGeneration: UInt64 { generationOffset + states.values.reduce(0) { $0 + $1.generation } }

    /// Puts a table in force; a router out of reach gets it from ``follow(_:asked:)`` when it is back.
    func put(_ table: RouteTable) async {
        var table = table
        puts.begun += 1
        defer { puts.ended += 1 }
        for _ in 0..<3 {
            do throws(DriverError) {
                try await traffic.apply(table)
                return
            } catch {
                switch error.code {
                case .stale:
                    // Another event was quicker, or the router has seen tables that this disk never kept.
                    await catchUp()
                    table = routeTable()
                default:
                    logger.warning("the router did not take table \(table.generation)", metadata: ["why": "\(error)"])
                    return
                }
            }
        }
    }

    /// Puts other settings of the whole router in force, if it takes them: those that it refuses would keep every later
    /// table, and so an undo, from it.
    /// - Throws: what the router said, or that it could not be asked; the settings before stay.
    func use(_ new: RouterSettings) async throws(DriverError) {
        guard new != settings else { return }
        for attempt in 1...3 {
            var table = routeTable(new)
            table.generation += 1
            do throws(DriverError) {
                try await traffic.apply(table)
                break
            } catch {
                guard error.code == .stale, attempt < 3 else { throw error }
                await catchUp()
            }
        }
        settings = new
        generationOffset += 1
        // Another event may have come meanwhile.
        await put(routeTable())
    }

    /// Raises our numbers above those of the router.
    private func catchUp() async {
        guard let measures = try? await traffic.measures() else { return }
        let mine = tableGeneration
        if measures.generation >= mine { generationOffset += measures.generation - mine + 1 }
    }

    /// Gives the router our table when it has another one: after its restart or ours.
    /// - Parameter before: ``puts`` when the measures were asked for. A table that has been on its way since then
    ///   explains the difference, and need not be sent again whole.
    func follow(_ measures: TrafficMeasures, asked before: TablePuts) async {
        guard measures.generation != tableGeneration, puts == before, before.begun == before.ended else { return }
        await put(routeTable())
    }

    /// At the start of the control plane: the router may have run on.
    /// - Parameter new: settings of the whole router.
    /// - Returns: why the router does not take the settings as they are; it gets them without the access log then,
    ///   whose file is all that can be wrong with settings that could be read.
    @discardableResult func adoptRouter(_ new: RouterSettings = .init()) async -> String? {
        if let measures = try? await traffic.measures(), measures.generation > tableGeneration {
            generationOffset += measures.generation - tableGeneration
            // The same number must not mean another table.
            generationOffset += 1
        }
        var refusal: String?
        do throws(DriverError) { try await use(new) } catch {
            refusal = "\(error)"
            var others = new
            others.accessLog = nil
            try? await use(others)
        }
        await put(routeTable())
        return refusal
    }

    /// A drill that a crash interrupted ends: traffic goes forward again.
    func finishDrills() async {
        for state in states.values where state.drill != nil || state.recovery?.verb == .drill {
            do { try await handle(.drillEnded(actor: "nonevent"), for: state.service, mustMove: true) } catch {
                logger.warning("a drill could not be ended", metadata: ["why": "\(error)"])
            }
        }
    }
}
