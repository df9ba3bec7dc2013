import Foundation
import Glibc

struct Reply {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: Data
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// One HTTP/1.1 connection to 127.0.0.1, kept alive, blocking, with a limit on every wait.
final class Connection {
    private let socket: Int32
    private var buffer = Data()
    private(set) var isClosed = false

    enum Failure: Error {
        case refused, closed, timeout, malformed
    }

    init(port: UInt16, timeout: Int = 10) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(socket)
            isClosed = true
            throw Failure.refused
        }
    }

    deinit { if !isClosed { close(socket) } }

    func exchange(_ method: String, _ path: String, headers: [String: String] = [:], body: Data = Data()) throws
        -> Reply
    {
        try send(method, path, headers: headers, body: body)
        return try receive(hasBody: method != "HEAD")
    }

    func send(_ method: String, _ path: String, headers: [String: String] = [:], body: Data = Data()) throws {
        var head = "\(method) \(path) HTTP/1.1\r\n"
        var all = headers
        if all["host"] == nil { all["host"] = "127.0.0.1" }
        if !body.isEmpty || method != "GET" { all["content-length"] = all["content-length"] ?? "\(body.count)" }
        for (name, value) in all { head += "\(name): \(value)\r\n" }
        var bytes = Data((head + "\r\n").utf8) + body
        while !bytes.isEmpty {
            let sent = bytes.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { throw Failure.closed }
            bytes = bytes.dropFirst(sent)
        }
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(socket, &chunk, chunk.count, 0)
        if count == 0 { throw Failure.closed }
        if count < 0 { throw errno == EAGAIN ? Failure.timeout : Failure.closed }
        buffer.append(contentsOf: chunk[..<count])
    }

    /// Text up to and without the line end; for event streams, too.
    func line() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let line = String(decoding: buffer[buffer.startIndex..<end], as: UTF8.self)
                buffer = Data(buffer[(end + 1)...])
                return line.hasSuffix("\r") ? String(line.dropLast()) : line
            }
            try fill()
        }
    }

    func head() throws -> (status: Int, headers: [String: String]) {
        let first = try line().split(separator: " ")
        guard first.count >= 2, let status = Int(first[1]) else { throw Failure.malformed }
        var headers: [String: String] = [:]
        while case let text = try line(), !text.isEmpty {
            let parts = text.split(separator: ":", maxSplits: 1)
            guard parts.count >= 1 else { continue }
            headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        return (status, headers)
    }

    private func take(_ count: Int) throws -> Data {
        while buffer.count < count { try fill() }
        let taken = Data(buffer.prefix(count))
        buffer = Data(buffer.dropFirst(count))
        return taken
    }

    func receive(hasBody: Bool) throws -> Reply {
        let (status, headers) = try head()
        var body = Data()
        if !hasBody || status == 204 || status == 304 {
            // There is none.
        } else if headers["transfer-encoding"] == "chunked" {
            while let size = Int(try line(), radix: 16), size > 0 {
                body += try take(size)
                _ = try line()
            }
            _ = try line()
        } else if let length = headers["content-length"].flatMap({ Int($0) }) {
            body = try take(length)
        }
        if headers["connection"]?.lowercased() == "close" {
            close(socket)
            isClosed = true
        }
        return Reply(status: status, headers: headers, body: body)
    }
}
