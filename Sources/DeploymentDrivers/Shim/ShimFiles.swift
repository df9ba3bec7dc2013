import DeliveryModel
import FoundationEssentials
import Glibc

/// Names of the files in an instance's directory, and how they are read and written.
enum ShimFiles {
    static let plan = "plan.json"
    static let options = "shim.json"
    static let state = "state.json"
    static let status = "status.json"
    static let socket = "shim.sock"
    static let lock = "shim.lock"
    /// Short: its absolute path must fit into `sun_path` (unix(7)), beside `router.sock`.
    static let notify = "notify"
    static let log = "shim.log"
    static let output = "output.log"
    static let pipe = "output.fifo"
    /// Most bytes of any of the JSON files; a plan's environment is the largest thing in them.
    static let sizeLimit = 1 << 20

    /// The whole file.
    /// - Throws: `SystemFailure` when it is missing, unreadable or larger than `sizeLimit`.
    static func read(_ path: String, limit: Int = sizeLimit) throws(SystemFailure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemFailure("cannot open \(path)") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemFailure("cannot read \(path)") }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= limit else { throw SystemFailure("\(path) is larger than \(limit) bytes", code: 0) }
        }
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws(SystemFailure) -> Value {
        try decoded(type, from: read(path), of: path)
    }

    static func decoded<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], of name: String
    ) throws(SystemFailure) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw SystemFailure("\(name) does not hold what it should: \(error)", code: 0)
        }
    }

    static func encode(_ value: some Encodable) throws(SystemFailure) -> [UInt8] {
        do { return Array(try JSONEncoder.canonical.encode(value)) } catch {
            throw SystemFailure("cannot encode \(type(of: value)): \(error)", code: 0)
        }
    }

    /// Writes a new file beside the old one and renames it, so that a reader or a crash sees one of the two whole.
    static func replace(_ path: String, with bytes: [UInt8]) throws(SystemFailure) {
        let draft = "\(path).\(getpid()).new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SystemFailure("cannot create \(draft)") }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(file, buffer.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            done += count
        }
        let written = done == bytes.count && fsync(file) == 0
        let failure = SystemFailure("cannot write \(draft)")
        close(file)
        guard written else {
            unlink(draft)
            throw failure
        }
        guard rename(draft, path) == 0 else {
            let failure = SystemFailure("cannot rename \(draft) to \(path)")
            unlink(draft)
            throw failure
        }
        syncDirectory(of: path)
    }

    /// Makes the directory and those above it; one that is there already is fine.
    static func makeDirectories(_ path: String) throws(SystemFailure) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let parent = parent(of: path) else {
            throw SystemFailure("cannot make directory \(path)")
        }
        try makeDirectories(parent)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SystemFailure("cannot make directory \(path)") }
    }

    static func parent(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
        return String(path[..<slash])
    }

    private static func syncDirectory(of path: String) {
        let directory = open(parent(of: path) ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }
}

/// A system call that failed, in words.
struct SystemFailure: Error, CustomStringConvertible {
    let description: String
    let code: Int32

    /// - Parameter code: the error number of the call, put in words behind `what`; 0 when there is none.
    init(_ what: String, code: Int32 = errno) {
        self.code = code
        description = code == 0 ? what : "\(what): \(Self.words(code))"
    }

    static func words(_ code: Int32) -> String {
        switch code {
        case ENOENT: "no such file"
        case EACCES: "permission denied"
        case ENOEXEC: "not a program: neither an executable nor a script with #!"
        default: strerror(code).map { String(cString: $0) } ?? "error \(code)"
        }
    }
}
