import Foundation
import Testing

/// A router of the binary's own, in front of programs that a test starts, without a control plane.
final class RouterAlone {
    let process: Spawned
    let port: UInt16
    let tlsPort: UInt16?

    struct Trouble: Error, CustomStringConvertible {
        var description: String
    }

    /// Starts `nonevent router` and waits until it says where it listens.
    ///
    /// - Parameter openFiles: the soft limit it begins with; `nil`: that of the test.
    init(_ world: World, _ options: [String], openFiles: Int? = nil) throws {
        if let openFiles {
            let shell = ["sh", "-c", "ulimit -Sn \(openFiles); exec \"$0\" \"$@\"", World.binary, "router"]
            process = try world.program(shell + options)
        } else {
            process = try world.start(["router"] + options)
        }
        let line = Poll.value(within: .seconds(60)) { [process] () -> String? in
            process.output.split(separator: "\n").first { $0.contains("router on") }.map(String.init)
        }
        guard let line else {
            throw Trouble(description: "the router did not start: \(process.output)\(process.errors)")
        }
        let ports = line.split(separator: ",").compactMap { part in
            part.split(separator: ":").last.flatMap { UInt16($0) }
        }
        guard let first = ports.first else { throw Trouble(description: "no port in '\(line)'") }
        port = first
        tlsPort = ports.dropFirst().first
    }

    /// A table with one release, or with a candidate beside it, each on a port of this machine.
    static func table(_ port: UInt16, service more: String = "", release: String = "") -> String {
        let digest = String(repeating: "a", count: 64)
        return """
            {"services": [{"name": "site"\(more), "releases": [
                {"digest": "sha256:\(digest)", "shareBasisPoints": 10000\(release), "instances": [{"port": \(port)}]}
            ]}]}
            """
    }

    func end() {
        process.signal(SIGTERM)
        _ = process.wait(within: .seconds(60))
    }
}

extension World {
    /// Python's `http.server` over the world's tree.
    ///
    /// - Returns: it and its port, once it answers.
    func files() throws -> (Spawned, UInt16) {
        // Its queue of five connections is too short for a test's load.
        let script = """
            import http.server, socketserver
            class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
                request_queue_size = 256
                daemon_threads = True
            server = Server(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
            print("port", server.server_port, "ready", flush=True)
            server.serve_forever()
            """
        let process = try program(["python3", "-u", "-c", script])
        let port = Poll.value(within: .seconds(30)) { () -> UInt16? in
            process.output.split(separator: " ").drop { $0 != "port" }.dropFirst().first.flatMap { UInt16($0) }
        }
        guard let port else { throw Trouble(description: "no file server: \(process.output)\(process.errors)") }
        return (process, port)
    }

    /// The Python with the clients that tests use, made by `.ci/setup`.
    static let python = FileManager.default.currentDirectoryPath + "/.python/bin/python3"

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: tree + "/" + name, atomically: true, encoding: .utf8)
    }

    /// A certificate of its own making for `host`.
    func certificate(_ host: String, as name: String) throws {
        try tool(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-keyout", "\(name).key", "-out", "\(name).pem", "-subj", "/CN=\(host)", "-addext",
            "subjectAltName=DNS:\(host)", in: tree)
    }
}
