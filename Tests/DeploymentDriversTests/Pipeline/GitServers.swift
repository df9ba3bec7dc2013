import Foundation
import Testing

@testable import DeploymentDrivers

/// Real servers of git repositories on free ports of this machine, ended by their ids.
struct GitServer {
    let url: String
    private let processes: [Int32]
    /// Removed at the end.
    private var socketFile: String?

    /// `git daemon` for all repositories below a directory.
    static func daemon(_ root: String) async throws -> GitServer {
        let port = try freePort()
        let process = try start(
            "/usr/bin/git",
            [
                "daemon", "--reuseaddr", "--listen=127.0.0.1", "--port=\(port)", "--export-all", "--base-path=\(root)",
                "--timeout=20", root,
            ])
        let server = GitServer(url: "git://127.0.0.1:\(port)", processes: [process])
        try await server.wait(for: port)
        return server
    }

    /// Smart HTTP: nginx before fcgiwrap before `git http-backend`.
    ///
    /// - Parameter password: `ada:<password>` may read; `nil`: everybody may.
    static func http(_ root: String, password: String? = nil) async throws -> GitServer {
        let port = try freePort()
        let place = root + "/nginx"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        // Its path must stay short: a socket's has at most 107 bytes.
        let socket = "/tmp/git-http-\(port).sock"
        var access = ""
        if let password {
            try "ada:{PLAIN}\(password)\n".write(toFile: place + "/users", atomically: true, encoding: .utf8)
            access = "auth_basic git; auth_basic_user_file \(place)/users;"
        }
        let configuration = """
            daemon off; pid \(place)/pid; error_log \(place)/error.log; user root; worker_processes 1;
            events {}
            http {
              access_log off; client_body_temp_path \(place)/body; fastcgi_temp_path \(place)/fastcgi;
              proxy_temp_path \(place)/proxy; uwsgi_temp_path \(place)/uwsgi; scgi_temp_path \(place)/scgi;
              server {
                listen 127.0.0.1:\(port); \(access)
                location / {
                  fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
                  fastcgi_param GIT_PROJECT_ROOT \(root); fastcgi_param GIT_HTTP_EXPORT_ALL 1;
                  fastcgi_param PATH_INFO $uri; fastcgi_param QUERY_STRING $query_string;
                  fastcgi_param REQUEST_METHOD $request_method; fastcgi_param CONTENT_TYPE $content_type;
                  fastcgi_param CONTENT_LENGTH $content_length; fastcgi_param REMOTE_USER $remote_user;
                  fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
                  fastcgi_param GIT_PROTOCOL $http_git_protocol;
                  fastcgi_pass unix:\(socket);
                }
              }
            }
            """
        try configuration.write(toFile: place + "/nginx.conf", atomically: true, encoding: .utf8)
        let wrapper = try start("/usr/sbin/fcgiwrap", ["-c", "2", "-s", "unix:\(socket)"])
        let nginx = try start(
            "/usr/sbin/nginx", ["-p", place, "-c", place + "/nginx.conf", "-e", place + "/error.log"])
        let server = GitServer(url: "http://127.0.0.1:\(port)", processes: [nginx, wrapper], socketFile: socket)
        try await server.wait(for: port)
        let deadline = ContinuousClock.now + .seconds(20)
        while !FileManager.default.fileExists(atPath: socket), .now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        return server
    }

    func stop() {
        for process in processes {
            var status: Int32 = 0
            kill(-process, SIGTERM)
            waitpid(process, &status, 0)
        }
        if let socketFile { unlink(socketFile) }
    }

    private static func start(_ path: String, _ arguments: [String]) throws -> Int32 {
        var spawn = Spawn(
            path: path, arguments: [path] + arguments, environment: ["PATH=/usr/sbin:/usr/bin:/bin", "HOME=/nowhere"],
            family: .group,
            opened: [(0, "/dev/null", O_RDONLY), (1, "/dev/null", O_WRONLY), (2, "/dev/null", O_WRONLY)])
        spawn.closesOthers = true
        return try spawn.run()
    }

    private func wait(for port: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if Self.listens(port) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        stop()
        Issue.record("no server on port \(port)")
    }

    private static func listens(_ port: Int) -> Bool {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        return withAddress(port) { connect(client, $0, $1) } == 0
    }

    private static func freePort() throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        try #require(withAddress(0) { bind(listener, $0, $1) } == 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        try #require(code == 0)
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
