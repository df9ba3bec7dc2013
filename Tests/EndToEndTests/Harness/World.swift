import Foundation
import Glibc
import Testing

/// One control plane with its data directory, and one service's git checkout, in a temporary directory of their own.
final class World {
    let root: String
    let data: String
    let tree: String
    private(set) var control: Spawned?
    private var runs = 0

    struct Trouble: Error, CustomStringConvertible {
        var description: String
    }

    /// What a command said.
    struct Outcome: CustomStringConvertible {
        var code: Int32
        var out: String
        var err: String
        var seconds: Double
        var description: String { "exit \(code) after \(seconds) s\nout: \(out)\nerr: \(err)" }
    }

    private init() throws {
        var template = Array("/tmp/nonevent-e2e-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Trouble(description: "no temporary directory") }
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        data = root + "/data"
        tree = root + "/tree"
        try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
    }

    /// Runs a test in a world of its own and takes everything down afterwards, however it ends.
    static func with(serving: Bool = true, _ body: (World) throws -> Void) throws {
        let world = try World()
        defer { world.close() }
        if serving { try world.serve() }
        do { try body(world) } catch {
            Issue.record("\(error)\ncontrol plane said: \(world.control?.errors.suffix(2000) ?? "")")
        }
    }

    /// The debug binary beside the test bundle, or the one that the environment names.
    static let binary: String = {
        if let named = ProcessInfo.processInfo.environment["NONEVENT_BINARY"] { return named }
        // The bundle lies beside the binary; the runner is told its path.
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
        let beside = (bundle as NSString).deletingLastPathComponent + "/nonevent"
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        return FileManager.default.currentDirectoryPath + "/.build/debug/nonevent"
    }()

    private func environment(_ more: [String: String] = [:]) -> [String: String] {
        var variables = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": root, "NO_COLOR": "1",
            "NONEVENT_DATA": data, "TMPDIR": "/tmp", "LANG": "C.UTF-8",
        ]
        variables.merge(more) { $1 }
        return variables
    }

    func start(
        _ arguments: [String], in directory: String? = nil, _ more: [String: String] = [:],
        input: String = "/dev/null"
    ) throws -> Spawned {
        try program([Self.binary] + arguments, in: directory, more, input: input)
    }

    /// Any program, in this world's environment.
    func program(
        _ words: [String], in directory: String? = nil, _ more: [String: String] = [:], input: String = "/dev/null"
    ) throws -> Spawned {
        runs += 1
        return try Spawned(
            words, environment: environment(more), directory: directory ?? tree, output: "\(root)/run-\(runs)",
            input: input)
    }

    /// A command of the product, to its end.
    @discardableResult
    func run(
        _ arguments: String..., in directory: String? = nil, with more: [String: String] = [:],
        within limit: Duration = .seconds(90)
    ) throws -> Outcome {
        let began = ContinuousClock.now
        let process = try start(arguments, in: directory, more)
        let code = process.wait(within: limit)
        let took = began.duration(to: .now).components
        return Outcome(
            code: code, out: process.output, err: process.errors,
            seconds: Double(took.seconds) + Double(took.attoseconds) * 1e-18)
    }

    /// Another program, which must succeed.
    @discardableResult
    func tool(_ arguments: String..., in directory: String? = nil) throws -> String {
        let process = try program(arguments, in: directory, ["GIT_CONFIG_NOSYSTEM": "1"])
        guard process.wait(within: .seconds(60)) == 0 else {
            throw Trouble(description: "\(arguments): \(process.output)\(process.errors)")
        }
        return process.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Starts the control plane and waits until it answers.
    func serve(_ more: [String] = [], by binary: String = World.binary) throws {
        let process = try begin(more, by: binary)
        let isUp = Poll.until(.seconds(30)) {
            process.exitCode() != nil || process.output.contains("control plane on") && isReady
        }
        guard isUp, process.exitCode() == nil else {
            throw Trouble(description: "serve did not get ready: \(process.output)\(process.errors)")
        }
    }

    /// Starts the control plane.
    @discardableResult
    func begin(_ more: [String] = [], by binary: String = World.binary) throws -> Spawned {
        let process = try program(
            [binary, "serve", "--listen", "127.0.0.1:0", "--traffic", "127.0.0.1:0"] + more)
        control = process
        return process
    }

    /// SIGTERM to the control plane, and its end.
    func endControl() {
        control?.signal(SIGTERM)
        _ = control?.wait(within: .seconds(30))
    }

    var isReady: Bool { (try? api("GET", "/readyz", token: nil).status) == 200 }

    /// kill -9 of the control plane, then nothing until ``serve()``.
    func killControl() {
        control?.signal(SIGKILL)
        _ = control?.wait(within: .seconds(10))
    }

    func restart() throws {
        killControl()
        try serve()
    }

    func file(_ name: String) -> String {
        ((try? String(contentsOfFile: data + "/" + name, encoding: .utf8)) ?? "")
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func port(_ url: String) -> UInt16? { url.split(separator: ":").last.flatMap { UInt16($0) } }
    var controlPort: UInt16? { Self.port(file("url")) }
    var trafficPort: UInt16? { Self.port(file("traffic")) }

    /// One request to the control plane, with the admin's token unless told otherwise.
    func api(
        _ method: String, _ path: String, token: String?? = .none, headers: [String: String] = [:], body: Data = Data()
    ) throws -> Reply {
        guard let port = controlPort else { throw Trouble(description: "no control plane yet") }
        let connection = try Connection(port: port)
        var all = headers
        if let token = token ?? file("token") { all["authorization"] = "Bearer \(token)" }
        return try connection.exchange(method, path, headers: all, body: body)
    }

    func json<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
        try JSONDecoder().decode(type, from: try api("GET", path).body)
    }

    /// Processes that have this world's data directory in their command or environment.
    func processes() -> [SystemProcess] {
        SystemProcess.all().filter { $0.command.contains(root) || $0.environment.contains(root) }
    }

    private func close() {
        if control != nil || FileManager.default.fileExists(atPath: data + "/lock") {
            let stop = try? run("serve", "--stop", "--data", data, within: .seconds(60))
            if stop?.code != 0 { Issue.record("serve --stop: \(stop?.description ?? "did not start")") }
        }
        control?.signal(SIGKILL)
        _ = control?.wait(within: .seconds(5))
        let left = Poll.value(within: .seconds(15)) { () -> [SystemProcess]? in
            processes().isEmpty ? [] : nil
        }
        if left == nil {
            for process in processes() {
                Issue.record("left behind after serve --stop: \(process.pid) \(process.command)")
                kill(process.pid, SIGKILL)
            }
        }
        try? FileManager.default.removeItem(atPath: root)
    }
}
