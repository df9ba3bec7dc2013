import DeliveryModel
import Synchronization

/// The access log in force: as the table wants it, and its writer.
struct OpenAccessLog: Sendable {
    var wanted: AccessLog?
    var writer: AccessLogWriter?
}

extension Router {
    /// Opens the log of the table that the router begins with.
    ///
    /// Only a table that somebody gives now is refused for its log: people must be served although a file that could
    /// be opened once cannot be opened today, and later tables with the same log must not be refused for it either.
    func beginAccessLog(_ start: Start) throws(RouterError) {
        do throws(RouterError) { try openAccessLog(start.table.accessLog).map(use) } catch {
            if start.isGiven { throw error }
            configuration.complain("there is no access log: \(error.message)")
            use(OpenAccessLog(wanted: start.table.accessLog, writer: nil))
        }
    }

    /// Opens the log that a table wants, so that a table with a wrong path can be refused whole.
    ///
    /// - Returns: `nil` when the log in force is the one.
    /// - Throws: `RouterError` with code `malformedTable` when the file cannot be opened.
    func openAccessLog(_ wanted: AccessLog?) throws(RouterError) -> OpenAccessLog? {
        let (current, lanes) = state.withLock { ($0.accessLog.wanted, $0.workers.count) }
        guard wanted != current else { return nil }
        guard let wanted else { return OpenAccessLog() }
        do {
            let writer = try AccessLogWriter(
                AccessLogConfiguration(wanted), lanes: lanes, complain: configuration.complain)
            return OpenAccessLog(wanted: wanted, writer: writer)
        } catch {
            throw RouterError(.malformedTable, "accessLog: \(error.message)")
        }
    }

    /// Lets every event loop write to `log`.
    func use(_ log: OpenAccessLog) {
        let (old, workers) = state.withLock { state in
            defer { state.accessLog = log }
            return (state.accessLog.writer, state.workers)
        }
        for (lane, worker) in workers.enumerated() { worker.execute { $0.accessLog = log.writer?.sink(lane: lane) } }
        guard let old else { return }
        // Its last lines are written first, which may take as long as the disk does.
        Task.detached { old.stop() }
    }
}
