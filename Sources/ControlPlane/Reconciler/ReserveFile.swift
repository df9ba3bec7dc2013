import DeliveryModel
import DeliveryStore
import FoundationEssentials
import Glibc

/// A file of fixed size, filled when there was room. What a full disk refuses is written over it in place, which needs
/// no new block, so that an undo outlives a crash of the control plane too. (File systems that copy on write give no
/// such promise.)
struct ReserveFile: Sendable {
    /// Room for the states and entries of a hard night.
    static let size = 1 << 20

    /// What waits for the disk.
    struct Content: Codable, Sendable {
        struct Draft: Codable, Sendable {
            var microseconds: Int64
            var service: String?
            var kind: String
            var actor: String
            var data: String
        }

        struct Effect: Codable, Sendable {
            var id: String
            var service: String
            var generation: UInt64
            var payload: String
            var microseconds: Int64
        }

        /// The last entry that the journal had when this was refused.
        var lastSequence: Int64
        var drafts: [Draft]
        var states: [String: String]
        var effects: [Effect]
    }

    let path: String

    /// Makes the file if it is missing. Without room there is none until the next start with room.
    func prepare() {
        if isWhole(open(path, O_RDONLY | O_CLOEXEC)) { return }
        let file = open(path + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        let isFilled = Self.write([UInt8](repeating: 0, count: Self.size), to: file)
        close(file)
        if !isFilled || rename(path + ".new", path) != 0 { unlink(path + ".new") }
    }

    /// - Returns: `false` when there is no file, or not enough room in it.
    func write(_ content: Content) -> Bool {
        guard let text = try? StoredForms.json(content) else { return false }
        return overwrite(Array(text.utf8))
    }

    func clear() { _ = overwrite([]) }

    /// - Returns: `nil` when nothing waits, or when a crash cut the writing short.
    func read() -> Content? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)), let first = data.first, first != 0 else {
            return nil
        }
        return try? StoredForms.decode(Content.self, String(decoding: data.prefix { $0 != 0 }, as: UTF8.self))
    }

    private func overwrite(_ bytes: [UInt8]) -> Bool {
        guard bytes.count < Self.size else { return false }
        // Never longer and never shorter: only blocks that the file has already.
        guard isWhole(open(path, O_RDONLY | O_CLOEXEC)) else { return false }
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return Self.write(bytes + [UInt8](repeating: 0, count: Self.size - bytes.count), to: file)
    }

    /// Closes the file.
    private func isWhole(_ file: Int32) -> Bool {
        guard file >= 0 else { return false }
        defer { close(file) }
        return lseek(file, 0, SEEK_END) == off_t(Self.size)
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            written += count
        }
        return fsync(file) == 0
    }
}

extension ReserveFile.Content {
    init(
        after lastSequence: Int64, _ drafts: [JournalDraft], _ states: [String: String], _ effects: [OutboxEffect]
    ) {
        self.lastSequence = lastSequence
        self.drafts = drafts.map {
            Draft(
                microseconds: $0.time.microseconds, service: $0.service, kind: $0.kind, actor: $0.actor, data: $0.data)
        }
        self.states = states
        self.effects = effects.map {
            Effect(
                id: $0.id, service: $0.service, generation: $0.generation, payload: $0.payload,
                microseconds: $0.createdAt.microseconds)
        }
    }

    var journal: [JournalDraft] {
        drafts.map {
            JournalDraft(
                time: Timestamp(microseconds: $0.microseconds), service: $0.service, kind: $0.kind, actor: $0.actor,
                data: $0.data)
        }
    }

    var outbox: [OutboxEffect] {
        effects.map {
            OutboxEffect(
                id: $0.id, service: $0.service, generation: $0.generation, payload: $0.payload,
                createdAt: Timestamp(microseconds: $0.microseconds))
        }
    }
}
