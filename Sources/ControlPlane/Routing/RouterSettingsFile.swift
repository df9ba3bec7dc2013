import DeliveryModel
import DeploymentDrivers
import FoundationEssentials
import Glibc
import Synchronization

/// `router.yaml`: settings of the whole router, read at the start and again whenever the file has changed.
final class RouterSettingsFile: Sendable {
    let path: String
    /// Whether it was named, and so must be there; without the one of the data directory everything has its default.
    private let isNamed: Bool
    private let read = Mutex(Read())

    private struct Read {
        var wasRead = false
        var mark: String?
        var settings = RouterSettings()
    }

    /// - Parameters:
    ///   - named: absolute path of the file that somebody named; `nil`: `router.yaml` in the data directory, if any.
    /// - Throws: `ServiceFileError` when there is a mistake in it, or when the named file is not there.
    init(named: String?, directory: String) throws {
        path = named ?? directory + "/router.yaml"
        isNamed = named != nil
        _ = try change()
    }

    /// As they were read last without a mistake.
    var settings: RouterSettings { read.withLock { $0.settings } }

    /// Reads the file if it has changed since the last time.
    /// - Returns: `nil` when it has not.
    /// - Throws: `ServiceFileError`, once for each change.
    func change() throws(ServiceFileError) -> RouterSettings? {
        let mark = FileIdentity.of(path)
        let isNew = read.withLock { read in
            defer { (read.wasRead, read.mark) = (true, mark) }
            return !read.wasRead || read.mark != mark
        }
        guard isNew else { return nil }
        if mark == nil, isNamed { throw unreadable("no such file") }
        var settings = RouterSettings()
        if mark != nil { settings = try RouterSettings(parsing: try bytes(), file: path) }
        read.withLock { $0.settings = settings }
        return settings
    }

    private func bytes() throws(ServiceFileError) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw unreadable(String(cString: strerror(errno))) }
        defer { fclose(file) }
        // One more than is allowed, so that a file that is too large is refused as such.
        var buffer = [UInt8](repeating: 0, count: ServiceFileLimits.fileBytes + 1)
        let count = fread(&buffer, 1, buffer.count, file)
        guard ferror(file) == 0 else { throw unreadable(String(cString: strerror(errno))) }
        return Array(buffer[..<count])
    }

    private func unreadable(_ why: String) -> ServiceFileError {
        ServiceFileError(problems: [
            ServiceFileProblem(
                kind: .file, file: path, line: 1, column: 1, key: "", found: "the file cannot be read: \(why)",
                expected: "the router's settings in YAML")
        ])
    }
}
