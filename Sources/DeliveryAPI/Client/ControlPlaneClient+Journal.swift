public import DeliveryModel
import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

extension ControlPlaneClient {
    /// `GET /api/v1/journal`, oldest first.
    ///
    /// - Parameters:
    ///   - after: the entries that follow this one.
    ///   - before: the newest entries before this one; not together with `after`.
    ///   - limit: 1 to 1,000.
    public func journal(
        after: Int64? = nil, before: Int64? = nil, limit: Int? = nil, service: ServiceName? = nil
    ) async throws -> JournalPage {
        try await get(
            "/api/v1/journal",
            query: [
                ("after", after.map(String.init)), ("before", before.map(String.init)),
                ("limit", limit.map(String.init)),
                ("service", service?.text),
            ])
    }

    /// `GET /api/v1/journal/verify`.
    public func verifyJournal() async throws -> JournalCheck { try await get("/api/v1/journal/verify") }

    /// `GET .../logs`: the last `tail` lines, and with `follow` those to come until the caller stops reading.
    public func logs(
        _ service: ServiceName, release: String? = nil, tail: Int? = nil, follow: Bool = false
    ) async throws -> LogStream {
        let query = [("release", release), ("tail", tail.map(String.init)), ("follow", follow ? "true" : nil)]
        let request = request(.GET, path(service, "/logs"), query: query)
        return LogStream(lines: try await lines(request, within: follow ? nil : ClientLimits.answer))
    }

    /// `GET /api/v1/events`: the journal as it grows, taken up again by `Last-Event-ID` whenever the connection breaks.
    /// - Parameters:
    ///   - after: sequence of the last entry known; `nil`: from now on.
    ///   - patience: how long the control plane may be away before the sequence throws `ControlPlaneUnreachable`.
    public func events(
        service: ServiceName? = nil, after: Int64? = nil, patience: Duration = .seconds(60)
    ) -> JournalEvents {
        JournalEvents(client: self, service: service, after: after, patience: patience)
    }
}

/// Lines that instances wrote.
public struct LogStream: AsyncSequence, Sendable {
    public typealias Element = LogItem
    let lines: LineStream
    public func makeAsyncIterator() -> Iterator { Iterator(lines: lines.makeAsyncIterator()) }

    public struct Iterator: AsyncIteratorProtocol {
        var lines: LineStream.Iterator

        public mutating func next() async throws -> LogItem? {
            while let line = try await lines.next() {
                // Empty lines keep the connection open.
                if line.isEmpty { continue }
                do {
                    return try JSONDecoder().decode(LogItem.self, from: Data(line.utf8))
                } catch {
                    throw UnreadableAnswer(message: "expected a log line as JSON, found '\(line.prefix(200))'")
                }
            }
            return nil
        }
    }
}
