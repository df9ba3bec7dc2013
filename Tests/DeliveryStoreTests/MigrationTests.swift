import DeliveryModel
import DeliveryStore
import GRDB
import Glibc
import Testing

/// Files that an earlier release made are opened by this one.
@Suite struct MigrationTests {
    let scratch: Scratch
    let start = Timestamp(microseconds: 1_700_000_100_000_000)

    init() throws { scratch = try Scratch() }

    @Test func aFileOfTheFirstSchemaIsOpenedWithAllItHolds() throws {
        try makeFirstFile()
        for _ in 1...2 {
            let database = try DeliveryDatabase(directory: scratch.path)
            let verification = try database.verify()
            #expect(verification.isIntact && verification.count == 1)
            #expect(try database.load().states == ["shop": #"{"v":1}"#])
            #expect(try database.ticks(rollout: "r") == ["{}"])
            try database.append(blocks: [BaselineBlock(service: "shop", start: start, line: "{}")], at: start)
            #expect(try database.blocks(since: start).count == 1)
            #expect(try database.openRuns().isEmpty && database.document("queue") == nil)
        }
    }

    @Test func anotherOpeningChangesNothing() throws {
        try makeFirstFile()
        try DeliveryDatabase(directory: scratch.path).commit(journal: [draft(2)])
        let schema = try schema()
        _ = try DeliveryDatabase(directory: scratch.path)
        #expect(try self.schema() == schema)
        #expect(schema.contains { $0.contains("CREATE TABLE baseline_block") })
        #expect(schema.contains { $0.contains("CREATE TABLE pipeline_run") })
        #expect(try DeliveryDatabase(directory: scratch.path).verify().count == 2)
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func aFullDiskLeavesTheFileAsItWas() throws {
        guard mount("tmpfs", scratch.path, "tmpfs", 0, "size=1m") == 0 else {
            // A container without CAP_SYS_ADMIN: nothing can be proved here.
            #expect(errno == EPERM)
            return
        }
        defer { umount2(scratch.path, Int32(MNT_DETACH)) }
        try makeFirstFile()
        let before = try schema()
        fillDisk()
        #expect(storeError { _ = try DeliveryDatabase(directory: scratch.path) } != nil)
        unlink(scratch.path + "/ballast")
        #expect(try schema() == before)
        let database = try DeliveryDatabase(directory: scratch.path)
        #expect(try database.verify().isIntact)
        #expect(try database.blocks(since: start).isEmpty)
    }

    private func fillDisk() {
        let file = open(scratch.path + "/ballast", O_WRONLY | O_CREAT, 0o600)
        let page = [UInt8](repeating: 1, count: 4_096)
        while write(file, page, page.count) > 0 {}
        close(file)
    }

    /// What the first release wrote: one journal entry, one state, one tick.
    private func makeFirstFile() throws {
        let entry = JournalEntry(
            sequence: 1, time: Timestamp(microseconds: 1_000_001), service: "shop", kind: "deploy.accepted",
            actor: "test", data: #"{"number":1}"#, previousHash: JournalEntry.genesisHash, hash: "")
        let queue = try DatabaseQueue(path: scratch.path + "/nonevent.sqlite")
        try queue.write { database in
            try database.execute(sql: Self.firstSchema)
            try database.execute(
                sql: "INSERT INTO journal VALUES (1, ?, 'shop', 'deploy.accepted', 'test', ?, ?, ?)",
                arguments: [entry.time.microseconds, entry.data, entry.previousHash, entry.computedHash])
            try database.execute(
                sql: "INSERT INTO journalHead VALUES (1, 1, ?)", arguments: [entry.computedHash])
            try database.execute(
                sql: """
                    INSERT INTO state VALUES ('shop', '{"v":1}');
                    INSERT INTO tick (rollout, t, line, at) VALUES ('r', 1, '{}', \(start.microseconds));
                    """)
        }
        try queue.close()
        try scratch.write("nonevent.sqlite.created", "")
    }

    private func schema() throws -> [String] {
        let queue = try DatabaseQueue(path: scratch.path + "/nonevent.sqlite")
        let texts = try queue.read {
            try String.fetchAll($0, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
                + String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations ORDER BY 1")
        }
        try queue.close()
        return texts
    }

    /// Migration 1 as it was released; never to be changed.
    private static let firstSchema = """
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES ('1');
        CREATE TABLE journal (
            sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, service TEXT, kind TEXT NOT NULL,
            actor TEXT NOT NULL, data TEXT NOT NULL CHECK (json_valid(data) AND json_type(data) = 'object'),
            previousHash TEXT NOT NULL, hash TEXT NOT NULL
        );
        CREATE INDEX journalByService ON journal (service, sequence);
        CREATE TRIGGER journalIsNeverChanged BEFORE UPDATE ON journal
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER journalIsNeverCut BEFORE DELETE ON journal
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        CREATE TABLE journalHead (
            id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL, hash TEXT NOT NULL
        );
        CREATE TABLE state (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE outbox (
            position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, service TEXT NOT NULL,
            generation INTEGER NOT NULL, payload TEXT NOT NULL, createdAt INTEGER NOT NULL
        );
        CREATE TABLE idempotency (
            key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL,
            at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX idempotencyByAge ON idempotency (at);
        CREATE TABLE tick (
            number INTEGER PRIMARY KEY AUTOINCREMENT, rollout TEXT NOT NULL, t REAL NOT NULL, line TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE INDEX tickByRollout ON tick (rollout, number);
        CREATE INDEX tickByAge ON tick (at);
        """
}
