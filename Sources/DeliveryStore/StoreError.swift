import Glibc
internal import GRDB

/// Why the store could not do what was asked. `code` is for programs, `message` for people: what was expected, found,
/// and to do.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, Equatable, CaseIterable {
        /// Another process (or object) holds the data directory.
        case locked
        /// The disk has no room; the store works again once there is some.
        case full
        /// The database file is damaged.
        case corrupt
        case notFound
        /// The input breaks a rule or a named limit; trying again does not help.
        case refused
        case io
        /// A blob's bytes are not those that its digest names.
        case digestMismatch
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

extension StoreError {
    /// An error of a system call. No room becomes `.full`, a missing file `.notFound`, everything else `.io`.
    static func posix(_ action: String, _ path: String, _ number: Int32 = errno) -> StoreError {
        let code: Code =
            switch number {
            case ENOSPC, EDQUOT: .full
            case ENOENT: .notFound
            default: .io
            }
        let reason = String(cString: strerror(number))
        let advice = code == .full ? "; make room on that disk and try again" : ""
        return StoreError(code, "cannot \(action) \(path): \(reason)\(advice)")
    }

    /// An error of the database, in the store's terms.
    static func database(_ error: any Error, file: String) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else {
            return StoreError(.io, "cannot use \(file): \(error)")
        }
        let detail = error.message ?? error.extendedResultCode.description
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return .corruptDatabase(file: file, detail: detail)
        case .SQLITE_FULL:
            return StoreError(.full, "no room to write \(file); make room on that disk and try again")
        case .SQLITE_IOERR where writeFailures.contains(error.extendedResultCode):
            return StoreError(.full, "cannot write \(file) (\(detail)); is its disk full? Make room and try again")
        case .SQLITE_CONSTRAINT:
            return StoreError(.refused, "\(file) refused the change: \(detail)")
        default:
            return StoreError(.io, "cannot use \(file): \(detail) (SQLite \(error.extendedResultCode.rawValue))")
        }
    }

    static func corruptDatabase(file: String, detail: String) -> StoreError {
        StoreError(
            .corrupt,
            "\(file) is damaged (\(detail)). It was left as it is. Stop the control plane, move \(file)* aside, "
                + "put a backup "
                + "in its place or start with an empty one; the releases are in files of their own and are untouched")
    }

    // What SQLite reports, beside SQLITE_FULL, when the file system refuses bytes: also for the WAL's shared-memory
    // file.
    private static let writeFailures: [ResultCode] = [
        .SQLITE_IOERR_WRITE, .SQLITE_IOERR_SHMSIZE, .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_TRUNCATE, .SQLITE_IOERR_SHMOPEN,
    ]
}
