import GRDB

/// The tables. A migration that has been released is never changed; a new one is added below it.
enum DatabaseSchema {
    static func migrate(_ writer: some DatabaseWriter) throws {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: journal)
            try database.execute(sql: delivery)
        }
        migrator.registerMigration("2") { database in
            try database.execute(sql: baseline)
        }
        try migrator.migrate(writer)
    }

    // The triggers are a guard against our own mistakes; what an attacker does with the file is found by the hashes.
    private static let journal = """
        CREATE TABLE journal (
            sequence INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            service TEXT,
            kind TEXT NOT NULL,
            actor TEXT NOT NULL,
            data TEXT NOT NULL CHECK (json_valid(data) AND json_type(data) = 'object'),
            previousHash TEXT NOT NULL,
            hash TEXT NOT NULL
        );
        CREATE INDEX journalByService ON journal (service, sequence);
        CREATE TRIGGER journalIsNeverChanged BEFORE UPDATE ON journal
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER journalIsNeverCut BEFORE DELETE ON journal
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        CREATE TABLE journalHead (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            count INTEGER NOT NULL,
            hash TEXT NOT NULL
        );
        INSERT INTO journalHead (id, count, hash) VALUES (1, 0, '\(JournalEntry.genesisHash)');
        """

    private static let delivery = """
        CREATE TABLE state (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE outbox (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            service TEXT NOT NULL,
            generation INTEGER NOT NULL,
            payload TEXT NOT NULL,
            createdAt INTEGER NOT NULL
        );
        CREATE TABLE idempotency (
            key TEXT PRIMARY KEY,
            fingerprint TEXT NOT NULL,
            status INTEGER NOT NULL,
            body BLOB NOT NULL,
            at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX idempotencyByAge ON idempotency (at);
        CREATE TABLE tick (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            rollout TEXT NOT NULL,
            t REAL NOT NULL,
            line TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE INDEX tickByRollout ON tick (rollout, number);
        CREATE INDEX tickByAge ON tick (at);
        """

    private static let baseline = """
        CREATE TABLE baseline_block (
            service TEXT NOT NULL,
            start INTEGER NOT NULL,
            line TEXT NOT NULL,
            PRIMARY KEY (service, start)
        ) WITHOUT ROWID;
        CREATE INDEX baselineBlockByStart ON baseline_block (start, service);
        """
}
