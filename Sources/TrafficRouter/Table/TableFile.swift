import DeliveryModel
import FoundationEssentials
import NIOCore
import NIOPosix

/// The last table on disk, written in the background: a full disk must not stop a swap.
actor TableFile {
    private let path: String
    private let retry: ClosedRange<TimeAmount>
    private let threads: NIOThreadPool
    private var wanted: RouteTable?
    private var text = RouteTableText()
    private var writer: Task<Void, Never>?
    /// The wait between two tries.
    private var waiting: Task<Void, any Error>?
    private var isStopping = false
    /// Generation on disk; `nil` before the first success.
    private(set) var persistedGeneration: UInt64?
    /// Why the last try failed; `nil` after a success.
    private(set) var failure: String?

    init(path: String, retry: ClosedRange<TimeAmount>) {
        self.path = path
        self.retry = retry
        threads = NIOThreadPool(numberOfThreads: 1)
    }

    func start(persistedGeneration: UInt64?) {
        threads.start()
        self.persistedGeneration = persistedGeneration
    }

    /// Notes the table to be kept and returns; what is newest when the disk is ready gets written.
    func save(_ table: RouteTable) {
        if let wanted, wanted.generation > table.generation { return }
        if wanted == nil, let persistedGeneration, persistedGeneration > table.generation { return }
        wanted = table
        if writer == nil { writer = Task { await self.writeAll() } }
    }

    private func writeAll() async {
        var pause = retry.lowerBound
        while let table = wanted {
            do {
                try await write(table)
                (persistedGeneration, failure) = (table.generation, nil)
                pause = retry.lowerBound
                if wanted?.generation == table.generation { wanted = nil }
            } catch {
                if failure == nil { Complaint.write("cannot keep the table in \(path): \(error); trying again") }
                failure = "\(error)"
                if isStopping { break }
                let wait = Task { [pause] in try await Task.sleep(for: .nanoseconds(pause.nanoseconds)) }
                waiting = wait
                _ = await wait.result
                pause = min(retry.upperBound, .nanoseconds(pause.nanoseconds * 2))
            }
        }
        writer = nil
    }

    private func write(_ table: RouteTable) async throws {
        let path = path
        let bytes = try text.write(table)
        try await threads.runIfActive { try DurableFile.replace(path, with: bytes) }
    }

    /// Lets a write under way end, gives a waiting one a last try, then stops.
    func stop() async {
        // Only the wait is cut short: a cancelled write would lose a table put just before the end.
        isStopping = true
        waiting?.cancel()
        await writer?.value
        try? await threads.shutdownGracefully()
    }

    /// The table of an earlier run; `nil` when there is none. A file that cannot be used is set aside, not lost.
    static func load(_ path: String) throws(RouterError) -> RouteTable? {
        guard let bytes = try DurableFile.read(path) else { return nil }
        let problem: String
        do {
            let table = try JSONText.decode(RouteTable.self, from: bytes)
            try table.validate()
            return table
        } catch {
            problem = (error as? RouterError)?.message ?? JSONText.explain(error)
        }
        let aside = path + ".corrupt"
        try DurableFile.rename(path, to: aside)
        Complaint.write(
            "the table in \(path) cannot be used: \(problem). It is kept as \(aside); "
                + "requests are answered 503 until a table is put")
        return nil
    }
}

/// JSON as the admin interface and the table file hold it.
enum JSONText {
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        Array(try JSONEncoder.canonical.encode(value))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// A decoding error in one sentence that names the place.
    static func explain(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let (context, what): (DecodingError.Context, String) =
            switch error {
            case .keyNotFound(let key, let context): (context, "key '\(key.stringValue)' is missing")
            case .typeMismatch(_, let context), .valueNotFound(_, let context): (context, context.debugDescription)
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (.init(codingPath: [], debugDescription: ""), "\(error)")
            }
        let place = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        return place.isEmpty
            ? "not a route table in JSON: \(what)" : "not a route table in JSON: at '\(place)': \(what)"
    }
}
