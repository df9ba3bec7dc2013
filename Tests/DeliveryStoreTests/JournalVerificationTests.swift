import DeliveryModel
import DeliveryStore
import GRDB
import Testing

@Suite struct JournalVerificationTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Five entries, then `sql` by other hands with the triggers away, then a verification.
    private func problems(after sql: String) throws -> [Int64] {
        try DeliveryDatabase(directory: scratch.path).commit(journal: (1...5).map { draft($0) })
        let queue = try DatabaseQueue(path: scratch.path + "/nonevent.sqlite")
        try queue.write { database in
            try database.execute(
                sql: "DROP TRIGGER journalIsNeverChanged; DROP TRIGGER journalIsNeverCut; \(sql)")
        }
        try queue.close()
        return try DeliveryDatabase(directory: scratch.path).verify().problems.map(\.sequence)
    }

    @Test func anUntouchedJournalIsIntact() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        #expect(try database.verify() == database.verify())
        #expect(try database.verify().headHash == JournalEntry.genesisHash)
        let entries = try database.commit(journal: (1...5).map { draft($0) })
        let verification = try database.verify()
        #expect(verification.isIntact && verification.count == 5)
        #expect(verification.headHash == entries.last?.hash)
    }

    @Test(arguments: [
        ("UPDATE journal SET data = '{\"number\":9}' WHERE sequence = 3", [3]),
        ("UPDATE journal SET time = time + 1 WHERE sequence = 5", [5]),
        ("UPDATE journal SET service = NULL WHERE sequence = 2", [2]),
        ("UPDATE journal SET kind = 'deploy.', actor = 'acceptedtest' WHERE sequence = 1", [1]),
        ("DELETE FROM journal WHERE sequence = 3", [3]),
        ("DELETE FROM journal WHERE sequence = 1", [1]),
        ("DELETE FROM journal WHERE sequence >= 4", [4]),
        ("DELETE FROM journal", [1]),
        ("UPDATE journal SET time = 'x' WHERE sequence = 2", [2, 2]),
    ])
    func tamperingIsFound(sql: String, expected: [Int64]) throws {
        #expect(try problems(after: sql) == expected)
    }

    @Test func swappedEntriesAreFound() throws {
        let sql = """
            UPDATE journal SET sequence = -2 WHERE sequence = 2; UPDATE journal SET sequence = 2 WHERE sequence = 3;
            UPDATE journal SET sequence = 3 WHERE sequence = -2;
            """
        let found = try problems(after: sql)
        #expect(Set(found).isSuperset(of: [2, 3]))
    }

    @Test func anInsertedEntryIsFoundEvenWithARightHash() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        let last = try #require(try database.commit(journal: [draft(1)]).last)
        let forged = JournalEntry(
            sequence: 2, time: last.time, service: nil, kind: "x", actor: "y", data: "{}", previousHash: last.hash,
            hash: "")
        let queue = try DatabaseQueue(path: scratch.path + "/nonevent.sqlite")
        try queue.write { raw in
            try raw.execute(
                sql: "INSERT INTO journal VALUES (2, ?, NULL, 'x', 'y', '{}', ?, ?)",
                arguments: [forged.time.microseconds, last.hash, forged.computedHash])
        }
        #expect(try database.verify().problems.map(\.sequence) == [2])
    }

    @Test func theTriggersRefuseChanges() throws {
        let database = try DeliveryDatabase(directory: scratch.path)
        try database.commit(journal: [draft(1)])
        let queue = try DatabaseQueue(path: scratch.path + "/nonevent.sqlite")
        for sql in ["UPDATE journal SET actor = 'x'", "DELETE FROM journal"] {
            #expect(throws: DatabaseError.self) { try queue.write { try $0.execute(sql: sql) } }
        }
        #expect(try database.verify().isIntact)
    }

    @Test func theHashIsTheOneThatIsDocumented() throws {
        let entry = JournalEntry(
            sequence: 1, time: Timestamp(microseconds: 2), service: "s", kind: "k", actor: "a", data: "{}",
            previousHash: JournalEntry.genesisHash, hash: "")
        // Computed apart from this code, with Python's hashlib over the bytes that the documentation lists.
        #expect(entry.computedHash == "5b22d495f2880cbfef560475313c2b8a71a0504e45b4afcefecb48c2df093224")
    }
}
