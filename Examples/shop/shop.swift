// The example service: a small HTTP/1.1 server of one thread that behaves as the configuration of its release says.
import Glibc

/// What the release's configuration file says: lines of `key = value`, `#` begins a comment.
struct ShopConfiguration {
    var greeting = "Welcome to the shop"
    /// Of 100 requests to `/`, how many are answered 500.
    var failPercent = 0.0
    /// Milliseconds until `/healthz` says 200; `nil`: it never does.
    var readyAfter: Int64? = 0
    /// Milliseconds that every answer to `/` waits.
    var delay: Int64 = 0

    init(path: String) {
        guard let file = fopen(path, "r") else { return }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let parts = text.prefix { $0 != "#" }.split(separator: "=", maxSplits: 1).map(Self.trim)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "greeting": greeting = parts[1]
            case "failPercent": failPercent = Double(parts[1]) ?? failPercent
            case "readyAfter": readyAfter = parts[1] == "never" ? nil : Int64((Double(parts[1]) ?? 0) * 1000)
            case "delay": delay = Int64(parts[1]) ?? delay
            default: log("unknown key '\(parts[0])' in \(path)")
            }
        }
    }

    private static func trim(_ text: Substring) -> String {
        var kept = text.drop(while: \.isWhitespace)
        while kept.last?.isWhitespace == true { kept.removeLast() }
        return String(kept)
    }
}

func log(_ text: String) {
    fputs(text + "\n", stderr)
}

/// Milliseconds of a clock that never jumps.
func milliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

struct Connection {
    var input: [UInt8] = []
    var output: [UInt8] = []
    /// Bytes of a request's body still to be thrown away.
    var bodyRest = 0
    /// An answer that waits for its delay holds back the requests behind it.
    var isWaiting = false
    var closesWhenWritten = false
}

struct ShopServer {
    static let headBytes = 16 << 10
    static let connections = 4096
    /// After SIGTERM idle connections may bring one more request, already under way, for this long.
    static let lingerMilliseconds: Int64 = 500

    let configuration: ShopConfiguration
    let commit: String
    let startedAt = milliseconds()
    var listener: Int32
    var open: [Int32: Connection] = [:]
    var delayed: [(due: Int64, descriptor: Int32, answer: [UInt8], closes: Bool)] = []
    var stoppingSince: Int64?
    var buffer = [UInt8](repeating: 0, count: 64 << 10)

    mutating func run() {
        while true {
            let now = milliseconds()
            if stoppingSince == nil, Self.isAskedToStop() { stop(now) }
            if let since = stoppingSince {
                if now - since >= Self.lingerMilliseconds { closeIdle() }
                if open.isEmpty { return }
            }
            release(now)
            wait(now)
        }
    }

    private static func isAskedToStop() -> Bool {
        var pending = sigset_t()
        sigpending(&pending)
        return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1
    }

    private mutating func stop(_ now: Int64) {
        // What the system has accepted for us is ours to answer.
        accept()
        close(listener)
        listener = -1
        stoppingSince = now
        log("stopping: finishing \(open.count) connections")
    }

    private mutating func closeIdle() {
        for (descriptor, connection) in open
        where connection.output.isEmpty && connection.input.isEmpty && !connection.isWaiting {
            end(descriptor)
        }
    }

    private mutating func wait(_ now: Int64) {
        var polled = open.map { descriptor, connection in
            // While an answer waits nothing more is read, so that what a client sends meanwhile cannot pile up here.
            let events = connection.output.isEmpty ? (connection.isWaiting ? 0 : POLLIN) : POLLOUT
            return pollfd(fd: descriptor, events: Int16(events), revents: 0)
        }
        if listener >= 0 { polled.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
        let untilDelayed = delayed.first.map { max(0, $0.due - now) } ?? 50
        guard poll(&polled, nfds_t(polled.count), Int32(min(50, untilDelayed))) > 0 else { return }
        for found in polled where found.revents != 0 {
            if found.fd == listener {
                accept()
            } else if found.revents & Int16(POLLOUT) != 0 {
                write(found.fd)
            } else {
                read(found.fd)
            }
        }
    }

    private mutating func accept() {
        while open.count < Self.connections {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            open[descriptor] = Connection()
        }
    }

    private mutating func read(_ descriptor: Int32) {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else {
            if count == 0 || errno != EAGAIN { end(descriptor) }
            return
        }
        open[descriptor]?.input.append(contentsOf: buffer[..<count])
        answerAll(descriptor)
    }

    private mutating func answerAll(_ descriptor: Int32) {
        while var connection = open[descriptor], !connection.isWaiting, !connection.closesWhenWritten {
            let skipped = min(connection.bodyRest, connection.input.count)
            connection.input.removeFirst(skipped)
            connection.bodyRest -= skipped
            open[descriptor] = connection
            guard connection.bodyRest == 0, let end = Self.headEnd(connection.input) else {
                if connection.input.count > Self.headBytes { self.end(descriptor) }
                break
            }
            let request = Request(head: connection.input[..<end])
            connection.input.removeFirst(end)
            connection.bodyRest = request.bodyBytes
            open[descriptor] = connection
            answer(request, descriptor)
        }
        if open[descriptor]?.output.isEmpty == false { write(descriptor) }
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 10 && bytes[index - 1] == 13 && bytes[index - 2] == 10 && bytes[index - 3] == 13 {
            return index + 1
        }
        return nil
    }

    private mutating func answer(_ request: Request, _ descriptor: Int32) {
        let closes = stoppingSince != nil || !request.keepsAlive
        let (status, body) = content(request.path)
        var text =
            "HTTP/1.1 \(status)\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(body.utf8.count)\r\n"
        text += closes ? "Connection: close\r\n\r\n" : "\r\n"
        if request.method != "HEAD" { text += body }
        if configuration.delay > 0, request.path == "/" {
            // All wait equally long, so the first to come is the first to be due.
            delayed.append((milliseconds() + configuration.delay, descriptor, Array(text.utf8), closes))
            open[descriptor]?.isWaiting = true
        } else {
            open[descriptor]?.output.append(contentsOf: text.utf8)
            open[descriptor]?.closesWhenWritten = closes
        }
    }

    private func content(_ path: String) -> (status: String, body: String) {
        switch path {
        case "/healthz":
            let isReady = configuration.readyAfter.map { milliseconds() - startedAt >= $0 } ?? false
            return isReady ? ("200 OK", "ready\n") : ("503 Service Unavailable", "not ready yet\n")
        case "/":
            if configuration.failPercent > 0, Double.random(in: 0..<100) < configuration.failPercent {
                return ("500 Internal Server Error", "the till is broken\n")
            }
            return ("200 OK", "\(configuration.greeting)\ncommit \(commit)\n")
        default:
            return ("404 Not Found", "nothing is sold here\n")
        }
    }

    private mutating func release(_ now: Int64) {
        while let first = delayed.first, first.due <= now {
            delayed.removeFirst()
            guard open[first.descriptor]?.isWaiting == true else { continue }
            open[first.descriptor]?.isWaiting = false
            open[first.descriptor]?.output.append(contentsOf: first.answer)
            open[first.descriptor]?.closesWhenWritten = first.closes
            write(first.descriptor)
            answerAll(first.descriptor)
        }
    }

    private mutating func write(_ descriptor: Int32) {
        guard let connection = open[descriptor] else { return }
        let count = send(descriptor, connection.output, connection.output.count, Int32(MSG_NOSIGNAL))
        guard count >= 0 else {
            if errno != EAGAIN { end(descriptor) }
            return
        }
        open[descriptor]?.output.removeFirst(count)
        if connection.closesWhenWritten, count == connection.output.count { end(descriptor) }
    }

    private mutating func end(_ descriptor: Int32) {
        open[descriptor] = nil
        // A number that the system gives out again must not get an old answer.
        delayed.removeAll { $0.descriptor == descriptor }
        close(descriptor)
    }
}

struct Request {
    var method = ""
    var path = ""
    var keepsAlive = true
    var bodyBytes = 0

    init(head: ArraySlice<UInt8>) {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3 else {
            keepsAlive = false
            return
        }
        method = String(words[0])
        path = String(words[1].prefix { $0 != "?" })
        keepsAlive = words[2] == "HTTP/1.1"
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1].drop { $0 == " " }.lowercased()
            switch parts[0].lowercased() {
            case "connection": keepsAlive = value == "keep-alive" || (keepsAlive && value != "close")
            case "content-length": bodyBytes = max(0, Int(value) ?? 0)
            // A body of unknown length is not read: the connection ends after the answer.
            case "transfer-encoding": keepsAlive = false
            default: break
            }
        }
    }
}

func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

func listen(port: UInt16) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard descriptor >= 0, result == 0, Glibc.listen(descriptor, 512) == 0 else {
        log("cannot listen on 127.0.0.1:\(port): \(String(cString: strerror(errno)))")
        exit(1)
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    return descriptor
}

@main
enum Shop {
    static func main() {
        guard let port = variable("PORT").flatMap(UInt16.init) else {
            log("expected a port number in $PORT, found '\(variable("PORT") ?? "")'; try: PORT=8000 bin/shop")
            exit(64)
        }
        // Blocked signals stay pending, where the loop looks for them between requests.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        sigprocmask(SIG_BLOCK, &signals, nil)
        let directory = variable("NONEVENT_CONFIG") ?? "."
        let configuration = ShopConfiguration(path: directory + "/config/production.conf")
        var server = ShopServer(
            configuration: configuration, commit: String((variable("NONEVENT_COMMIT") ?? "none").prefix(12)),
            listener: listen(port: port))
        log("'\(configuration.greeting)' on 127.0.0.1:\(port)")
        server.run()
        log("stopped")
    }
}
