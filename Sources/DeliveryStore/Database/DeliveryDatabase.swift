import GRDB
import Glibc

/// The journal, the state and the outbox of a control plane, in one SQLite file `nonevent.sqlite`.
///
/// Guarantees: when ``commit(journal:states:addEffects:removeEffects:)`` returns, its transaction is on the disk
/// (write-ahead log,
/// `synchronous=FULL`, one fsync) and survives a crash of the process, the system or the power; when it throws, nothing
/// of it is
/// there, and the object goes on working once the cause is gone. Readers see one whole transaction and wait for no
/// writer.
///
/// Every function is synchronous and may be called from any thread; writes run one after another.
public final class DeliveryDatabase: Sendable {
    /// The database file.
    public let path: String
    private let lock: DirectoryLock
    private let pool: DatabasePool

    /// Opens `directory`/nonevent.sqlite, makes both when they are missing, checks the file, and locks the directory.
    ///
    /// - Throws: `.locked` when another control plane uses the directory; `.corrupt` when the file is damaged, or gone
    ///   although it
    ///   was there (it is never made anew by itself); `.full`, `.io`.
    public init(directory: String) throws(StoreError) {
        try FileTree.makeDirectory(directory, mode: 0o700)
        lock = try DirectoryLock(directory: directory)
        path = directory + "/nonevent.sqlite"
        let marker = path + ".created"
        try Self.refuseLostDatabase(path: path, marker: marker)
        do {
            pool = try Self.open(path)
        } catch {
            throw StoreError.database(error, file: path)
        }
        if try FileStatus.of(marker) == nil { try FileTree.replace(marker, with: []) }
    }

    deinit {
        // Before the lock goes: the next owner must find the file at rest. An error leaves the log for its recovery.
        try? pool.close()
    }

    /// Reads through the file before anything may write to it: a damaged one must stay as it is for whoever repairs it.
    private static func check(_ path: String) throws {
        guard let status = try FileStatus.of(path), status.size > 0 else { return }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(DatabaseLimits.busyTimeout)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let problem = try queue.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        try queue.close()
        guard problem == "ok" else {
            throw StoreError.corruptDatabase(file: path, detail: problem ?? "quick_check said nothing")
        }
    }

    private static func open(_ path: String) throws -> DatabasePool {
        try check(path)
        var configuration = Configuration()
        configuration.label = "nonevent"
        configuration.maximumReaderCount = DatabaseLimits.readers
        configuration.persistentReadOnlyConnections = true
        configuration.busyMode = .timeout(DatabaseLimits.busyTimeout)
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA cache_size = -\(DatabaseLimits.cacheKiB);
                    PRAGMA temp_store = MEMORY;
                    """)
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            // After GRDB's own set-up, which chooses NORMAL: that would lose the last commits when the power goes.
            try database.execute(
                sql: """
                    PRAGMA synchronous = FULL;
                    PRAGMA wal_autocheckpoint = \(DatabaseLimits.checkpointPages);
                    PRAGMA journal_size_limit = \(DatabaseLimits.logBytes);
                    """)
        }
        try DatabaseSchema.migrate(pool)
        return pool
    }

    /// SQLite takes a missing or empty file for a new database; where there was one, that would hide the loss of every
    /// record.
    private static func refuseLostDatabase(path: String, marker: String) throws(StoreError) {
        guard try FileStatus.of(marker) != nil else { return }
        if let status = try FileStatus.of(path), status.size > 0 { return }
        throw StoreError(
            .corrupt,
            "\(path) is missing or empty, though \(marker) says that it was made; put a backup in its place, or move "
                + "\(path)* aside to start with an empty one; the releases are in files of their own and are untouched")
    }

    /// Copies the write-ahead log into the database file, as far as readers allow. Call it in quiet moments, so that no
    /// commit has to.
    public func checkpoint() throws(StoreError) {
        try writingAlone { database in _ = try database.checkpoint(.passive) }
    }
}

extension DeliveryDatabase {
    /// Reads from one consistent snapshot, beside any writer.
    func reading<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try pool.read(body)
        } catch {
            throw StoreError.database(error, file: path)
        }
    }

    /// One transaction. On a full disk the write-ahead log is folded into the database file, which may free what the
    /// change needs,
    /// and the change is tried once more.
    func writing<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try pool.write(body)
        } catch {
            let failure = StoreError.database(error, file: path)
            guard failure.code == .full else { throw failure }
        }
        // Its own failure says nothing new: the second try reports it.
        try? pool.writeWithoutTransaction { database in _ = try database.checkpoint(.truncate) }
        do {
            return try pool.write(body)
        } catch {
            throw StoreError.database(error, file: path)
        }
    }

    private func writingAlone(_ body: (Database) throws -> Void) throws(StoreError) {
        do {
            try pool.writeWithoutTransaction(body)
        } catch {
            throw StoreError.database(error, file: path)
        }
    }

    static func checkLength(
        _ text: String, _ what: String, limit: Int = DatabaseLimits.textBytes
    ) throws(StoreError) {
        guard text.utf8.count <= limit else {
            throw StoreError(.refused, "\(what) is \(text.utf8.count) bytes; at most \(limit) are allowed")
        }
    }
}
