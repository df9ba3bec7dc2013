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
        migrator.registerMigration("3") { database in
            try database.execute(sql: pipeline)
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

    // A run's JSON is the truth; the columns beside it are for finding it.
    private static let pipeline = """
        CREATE TABLE document (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE pipeline_run (
            id TEXT PRIMARY KEY,
            service TEXT NOT NULL,
            number INTEGER NOT NULL,
            repository TEXT NOT NULL,
            branch TEXT NOT NULL,
            commitHash TEXT NOT NULL,
            startedAt INTEGER NOT NULL,
            isOpen INTEGER NOT NULL,
            json TEXT NOT NULL,
            UNIQUE (service, number)
        ) WITHOUT ROWID;
        CREATE INDEX pipelineRunByStart ON pipeline_run (startedAt);
        CREATE INDEX pipelineRunOpen ON pipeline_run (isOpen) WHERE isOpen = 1;
        CREATE TABLE pipeline_test (
            service TEXT NOT NULL,
            commitHash TEXT NOT NULL,
            stage TEXT NOT NULL,
            name TEXT NOT NULL,
            passed INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (service, commitHash, stage, name)
        ) WITHOUT ROWID;
        CREATE INDEX pipelineTestByAge ON pipeline_test (at);
        CREATE TABLE budget_hour (
            service TEXT NOT NULL,
            hour INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            bad INTEGER NOT NULL,
            PRIMARY KEY (service, hour)
        ) WITHOUT ROWID;
        CREATE INDEX budgetHourByHour ON budget_hour (hour);
        CREATE TABLE webhook_delivery (key TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX webhookDeliveryByAge ON webhook_delivery (at);
        """
}
