public import DeliveryModel
import Crypto

/// One event as the journal keeps it, for ever.
public struct JournalEntry: Sendable, Equatable, Codable {
    /// 1, 2, 3, … without gaps.
    public let sequence: Int64
    public let time: Timestamp
    /// `nil` for what concerns no service in particular.
    public let service: String?
    /// What happened, such as `deploy.accepted`.
    public let kind: String
    /// Who or what did it.
    public let actor: String
    /// A JSON object.
    public let data: String
    /// The hash of the entry before, 64 zeros for the first.
    public let previousHash: String
    /// SHA-256 in hexadecimal; see ``computedHash``.
    public let hash: String

    public init(
        sequence: Int64, time: Timestamp, service: String?, kind: String, actor: String, data: String,
        previousHash: String, hash: String
    ) {
        self.sequence = sequence
        self.time = time
        self.service = service
        self.kind = kind
        self.actor = actor
        self.data = data
        self.previousHash = previousHash
        self.hash = hash
    }

    /// What stands before the first entry.
    public static let genesisHash = String(repeating: "0", count: 64)

    /// The entry that follows `previousHash`, with its own hash filled in.
    init(_ draft: JournalDraft, sequence: Int64, previousHash: String) {
        let open = JournalEntry(
            sequence: sequence, time: draft.time, service: draft.service, kind: draft.kind, actor: draft.actor,
            data: draft.data, previousHash: previousHash, hash: "")
        self.init(
            sequence: sequence, time: draft.time, service: draft.service, kind: draft.kind, actor: draft.actor,
            data: draft.data, previousHash: previousHash, hash: open.computedHash)
    }

    /// What ``hash`` must be: SHA-256, as lower-case hexadecimal, over these bytes in this order, so that no two
    /// entries share them:
    ///
    /// 1. the text `nonevent.journal.v1` and a zero byte;
    /// 2. `sequence`, then `time` in microseconds since the epoch, each a signed 64-bit integer, big-endian;
    /// 3. `service`: a zero byte when there is none, else a byte 1 and the text;
    /// 4. `kind`, `actor`, `data`, `previousHash`.
    ///
    /// A text is its number of UTF-8 bytes (unsigned 64-bit, big-endian), then the bytes.
    public var computedHash: String {
        var hash = SHA256()
        func add(_ number: UInt64) {
            withUnsafeBytes(of: number.bigEndian) { hash.update(bufferPointer: $0) }
        }
        func add(_ text: String) {
            var text = text
            text.withUTF8 { bytes in
                add(UInt64(bytes.count))
                hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            }
        }
        hash.update(data: Array("nonevent.journal.v1".utf8) + [0])
        add(UInt64(bitPattern: sequence))
        add(UInt64(bitPattern: time.microseconds))
        if let service {
            hash.update(data: [1])
            add(service)
        } else {
            hash.update(data: [0])
        }
        for text in [kind, actor, data, previousHash] { add(text) }
        return Hexadecimal.text(hash.finalize())
    }
}

/// An event that is about to be written; the journal gives it its place and hashes.
public struct JournalDraft: Sendable, Equatable {
    public var time: Timestamp
    public var service: String?
    public var kind: String
    public var actor: String
    /// A JSON object, at most ``DatabaseLimits/textBytes``; the caller writes its keys sorted, so that equal events are
    /// equal bytes.
    public var data: String

    public init(time: Timestamp, service: String?, kind: String, actor: String, data: String) {
        self.time = time
        self.service = service
        self.kind = kind
        self.actor = actor
        self.data = data
    }
}

/// What ``DeliveryDatabase/verify()`` found.
public struct JournalVerification: Sendable, Equatable {
    public struct Problem: Sendable, Equatable {
        public let sequence: Int64
        public let what: String
    }

    /// Entries that are there.
    public let count: Int64
    /// Hash of the last entry that is there.
    public let headHash: String
    /// At most ``DatabaseLimits/problems``, in the order of the journal; empty when every entry is as it was written.
    public let problems: [Problem]

    public var isIntact: Bool { problems.isEmpty }
}
