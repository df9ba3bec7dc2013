import DeliveryModel
import DeliverySimulation
import DeliveryStore
import FoundationEssentials

/// The simulated control plane's record in the real store: journal with its chain of hashes, states in SQLite.
struct DatabaseRecord: DeliveryRecord {
    private let database: DeliveryDatabase

    /// - Parameter directory: made when it is missing; it must not hold another control plane's data.
    init(directory: String) throws(StoreError) { database = try DeliveryDatabase(directory: directory) }

    /// Whether another run has written here.
    var isUsed: Bool { get throws(StoreError) { try database.load().lastSequence > 0 } }

    mutating func commit(_ lines: [RecordedLine], states: [String: String]) throws(RecordFailure) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let drafts = try lines.map { line in
                JournalDraft(
                    time: line.time, service: line.service.text, kind: line.kind, actor: line.actor,
                    data: String(decoding: try encoder.encode(line), as: UTF8.self))
            }
            try database.commit(journal: drafts, states: states)
        } catch {
            throw RecordFailure("\(error)")
        }
    }

    func states() throws(RecordFailure) -> [String: String] {
        do throws(StoreError) {
            return try database.load().states
        } catch {
            throw RecordFailure("\(error)")
        }
    }

    /// The chain of hashes is checked first.
    func replay(_ body: (RecordedLine) -> Void) throws(RecordFailure) {
        do {
            let found = try database.verify()
            if let problem = found.problems.first {
                throw RecordFailure("the journal is broken at \(problem.sequence): \(problem.what)")
            }
            let decoder = JSONDecoder()
            var last: Int64 = 0
            while true {
                let page = try database.entries(after: last)
                guard let end = page.last else { return }
                for entry in page { body(try decoder.decode(RecordedLine.self, from: Data(entry.data.utf8))) }
                last = end.sequence
            }
        } catch let failure as RecordFailure {
            throw failure
        } catch {
            throw RecordFailure("\(error)")
        }
    }
}
