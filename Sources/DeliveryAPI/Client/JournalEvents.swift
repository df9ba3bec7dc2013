import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1
import DeliveryModel

/// The journal as server-sent events (WHATWG HTML, "Server-sent events"), without end: a broken connection is taken up
/// again after the
/// last entry seen.
public struct JournalEvents: AsyncSequence, Sendable {
    public typealias Element = JournalItem
    let client: ControlPlaneClient
    let service: ServiceName?
    let after: Int64?
    let patience: Duration

    public func makeAsyncIterator() -> Iterator { Iterator(events: self, lastSeen: after) }

    public struct Iterator: AsyncIteratorProtocol {
        let events: JournalEvents
        var lastSeen: Int64?
        var lines: LineStream.Iterator?
        var awaySince: ContinuousClock.Instant?
        var parser = EventParser()

        init(events: JournalEvents, lastSeen: Int64?) {
            self.events = events
            self.lastSeen = lastSeen
        }

        /// - Throws: `ProblemDetails` when the control plane refuses, `ControlPlaneUnreachable` when it stays away for
        ///   longer than the
        ///   patience.
        public mutating func next() async throws -> JournalItem? {
            while true {
                do {
                    guard let line = try await nextLine() else {
                        lines = nil
                        try await pause(
                            ControlPlaneUnreachable(message: "the control plane ended the stream of events"))
                        continue
                    }
                    awaySince = nil
                    guard let item = try parser.item(line: line) else { continue }
                    lastSeen = item.sequence
                    return item
                } catch let failure as ControlPlaneUnreachable {
                    lines = nil
                    try await pause(failure)
                } catch let problem as ProblemDetails where problem.status >= 500 {
                    // It is there and not yet, or no longer, ready.
                    lines = nil
                    try await pause(problem)
                }
            }
        }

        private mutating func nextLine() async throws -> String? {
            if lines == nil {
                parser = EventParser()
                lines = try await open().makeAsyncIterator()
            }
            guard var reader = lines else { return nil }
            let line = try await reader.next()
            lines = reader
            return line
        }

        private func open() async throws -> LineStream {
            var request = events.client.request(.GET, "/api/v1/events", query: [("service", events.service?.text)])
            request.headers.add(name: "accept", value: "text/event-stream")
            if let lastSeen { request.headers.add(name: "last-event-id", value: String(lastSeen)) }
            return try await events.client.lines(request, within: nil)
        }

        private mutating func pause(_ failure: any Error) async throws {
            let now = ContinuousClock.now
            let since = awaySince ?? now
            awaySince = since
            guard now - since < events.patience else { throw failure }
            try await Task.sleep(for: ClientLimits.resumePause)
        }
    }
}

/// Puts the lines of an event stream together; comments (heartbeats) and unknown fields are left out.
struct EventParser {
    private var data = ""

    mutating func item(line: String) throws -> JournalItem? {
        if line.isEmpty {
            defer { data = "" }
            guard !data.isEmpty else { return nil }
            do {
                return try JSONDecoder().decode(JournalItem.self, from: Data(data.utf8))
            } catch {
                throw UnreadableAnswer(message: "expected an entry of the journal as JSON, found '\(data.prefix(200))'")
            }
        }
        guard line.hasPrefix("data:") else { return nil }
        var value = line.dropFirst(5)
        if value.hasPrefix(" ") { value = value.dropFirst() }
        if !data.isEmpty { data += "\n" }
        data += value
        guard data.utf8.count <= ClientLimits.lineBytes else {
            throw UnreadableAnswer(message: "expected an event of at most 1 MiB, found a longer one")
        }
        return nil
    }
}
