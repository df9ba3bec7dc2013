import FoundationEssentials
import Glibc
import SystemCalls

/// Small things the host asks of the machine.
public enum DataFolder {
    /// Makes a directory of mode 0700 with its parents.
    public static func make(_ path: String) throws {
        var built = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            built += "/" + part
            if mkdir(built, 0o700) != 0, errno != EEXIST {
                throw ServeError("cannot make the directory \(built): \(String(cString: strerror(errno)))")
            }
        }
    }

    /// The process that holds the lock file of a data directory; `nil` when nobody does.
    public static func lockHolder(_ path: String) -> Int32? {
        guard FileLock.isHeld(path) else { return nil }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = read(file, &buffer, buffer.count)
        let digits = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).filter(\.isNumber)
        return Int32(digits).flatMap { $0 > 1 ? $0 : nil }
    }

    /// A port to listen on when none was named: the one used before, so that what others know stays true, else a free
    /// one.
    /// - Parameter file: text file with the URL used before.
    static func port(_ host: String, before file: String) throws -> Int {
        if let text = try? String(contentsOfFile: file, encoding: .utf8),
            let port = text.split(separator: ":").last.flatMap({ Int($0.filter(\.isNumber)) }),
            let free = try? bindable(host, port)
        {
            return free
        }
        return try bindable(host, 0)
    }

    private static func bindable(_ host: String, _ port: Int) throws -> Int {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard file >= 0 else { throw ServeError("cannot open a socket: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var address = sockaddr_in()
        var reuse: Int32 = 1
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw ServeError(
                "'\(host)' is not an IPv4 address; give --traffic ADDRESS:PORT with one, or a port other than 0")
        }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(file, generic, length) == 0 && getsockname(file, generic, &length) == 0
            }
        }
        guard bound else { throw ServeError("cannot bind to \(host): \(String(cString: strerror(errno)))") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
