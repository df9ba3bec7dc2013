public import DeliveryModel
import Glibc

/// Where instances' output is kept, after they are gone too: `<directory>/<service>/<release hex>/<instance id>.log`
/// and its older
/// parts `.log.1`, `.log.2`, ...
public struct InstanceLogs: Sendable {
    /// Instances of one service whose logs are kept.
    public static let instancesKept = 20
    /// Most bytes read of the end of one file.
    static let tailBytes = 1 << 20

    public let directory: String

    public init(directory: String) { self.directory = directory }

    /// The newest log file of an instance.
    public func file(_ service: ServiceName, _ release: ReleaseDigest, _ id: String) -> String {
        "\(directory)/\(service)/\(release.hex)/\(id).log"
    }

    /// Newest log files of a service's instances, least recently written first; of one release when it is given.
    public func files(service: ServiceName, release: ReleaseDigest? = nil) -> [String] {
        let root = "\(directory)/\(service)"
        let releases = release.map { [$0.hex] } ?? ProcessInstanceDriver.names(in: root)
        return releases.flatMap { release in
            ProcessInstanceDriver.names(in: "\(root)/\(release)").filter { $0.hasSuffix(".log") }
                .map { "\(root)/\(release)/\($0)" }
        }
        .map { ($0, Self.changed($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    /// The last lines of every instance of a service, merged by time.
    /// - Parameter tail: at most so many lines in all.
    public func lines(service: ServiceName, release: ReleaseDigest? = nil, tail: Int) -> [String] {
        let lines = files(service: service, release: release).flatMap { Self.tail($0, lines: tail) }
        // Each line begins with its time in a form that sorts as text.
        return lines.sorted { $0.prefix(24) < $1.prefix(24) }.suffix(max(0, tail))
    }

    func removeOldest(of service: ServiceName) {
        let all = files(service: service)
        for path in all.prefix(max(0, all.count - Self.instancesKept + 1)) {
            unlink(path)
            let older = ProcessInstanceDriver.names(in: ShimFiles.parent(of: path) ?? "")
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            for part in older where part.hasPrefix(name + ".") {
                unlink("\(ShimFiles.parent(of: path) ?? "")/\(part)")
            }
            rmdir(ShimFiles.parent(of: path) ?? "")
        }
    }

    /// The last lines of a log, from the next older file too when the newest holds too few.
    public static func tail(_ path: String, lines: Int) -> [String] {
        var found: [String] = []
        for file in ["\(path).1", path] {
            guard let bytes = end(of: file) else { continue }
            found += String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
        return found.suffix(max(0, lines))
    }

    private static func end(of path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let size = max(0, Int(lseek(file, 0, SEEK_END)))
        var bytes = [UInt8](repeating: 0, count: min(size, tailBytes))
        let count = pread(file, &bytes, bytes.count, off_t(size - bytes.count))
        bytes.removeLast(bytes.count - max(0, count))
        // The first line may be cut.
        if size > tailBytes, let line = bytes.firstIndex(of: UInt8(ascii: "\n")) { bytes.removeFirst(line + 1) }
        return bytes
    }

    private static func changed(_ path: String) -> Double {
        var information = stat()
        guard stat(path, &information) == 0 else { return 0 }
        return Double(information.st_mtim.tv_sec) + Double(information.st_mtim.tv_nsec) * 1e-9
    }
}

/// Reads the lines that came since it was last asked; copes with rotation.
public struct LogReader: Sendable {
    /// Most bytes taken at once.
    static let readLimit = 256 << 10

    public let path: String
    private var node: UInt64 = 0
    private var offset = 0
    private var partial: [UInt8] = []

    /// - Parameter fromEnd: whether only lines that are yet to come are wanted.
    public init(path: String, fromEnd: Bool = false) {
        self.path = path
        guard fromEnd, let (node, size) = Self.look(path) else { return }
        (self.node, offset) = (node, size)
    }

    /// Whole lines since the last call, oldest first; empty when there are none yet.
    public mutating func next() -> [String] {
        guard let (current, size) = Self.look(path) else { return [] }
        var lines: [String] = []
        if node != 0, current != node {
            // Rotated: the rest is in the file that was the newest then, if it is still the first behind.
            if let (former, formerSize) = Self.look(path + ".1"), former == node {
                while offset < formerSize, let more = read(path + ".1"), !more.isEmpty { lines += more }
            }
            offset = 0
            partial = []
        }
        node = current
        if size < offset { offset = 0 }
        if offset < size { lines += read(path) ?? [] }
        return lines
    }

    private mutating func read(_ path: String) -> [String]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Self.readLimit)
        let count = pread(file, &bytes, bytes.count, off_t(offset))
        guard count > 0 else { return nil }
        offset += count
        partial.append(contentsOf: bytes[..<count])
        guard let end = partial.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = partial[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        partial.removeFirst(end + 1)
        return lines
    }

    private static func look(_ path: String) -> (UInt64, Int)? {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        return (UInt64(information.st_ino), Int(information.st_size))
    }
}
