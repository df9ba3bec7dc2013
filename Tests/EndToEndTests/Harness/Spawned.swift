import Foundation
import Glibc

/// A process that a test started: its output goes to files, so that nothing can block on a full pipe.
final class Spawned {
    let pid: pid_t
    private let outPath: String
    private let errPath: String
    private var status: Int32?

    struct CannotStart: Error {
        var message: String
    }

    /// - Parameters:
    ///   - output: path without ending; `.out` and `.err` are added.
    ///   - input: file that it reads from.
    init(
        _ arguments: [String], environment: [String: String], directory: String, output: String,
        input: String = "/dev/null"
    ) throws {
        outPath = output + ".out"
        errPath = output + ".err"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // The shell changes the directory and becomes the program: the process stays the same.
        let shell = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", directory] + arguments
        let words: [UnsafeMutablePointer<CChar>?] = shell.map { strdup($0) } + [nil]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var child: pid_t = 0
        let result = posix_spawn(&child, shell[0], &actions, nil, words, variables)
        guard result == 0 else {
            throw CannotStart(message: "\(arguments[0]): \(String(cString: strerror(result)))")
        }
        pid = child
    }

    var output: String { (try? String(contentsOfFile: outPath, encoding: .utf8)) ?? "" }
    var errors: String { (try? String(contentsOfFile: errPath, encoding: .utf8)) ?? "" }

    /// Exit code, or 128 + signal; `nil` while it runs.
    func exitCode() -> Int32? {
        if let status { return status }
        var raw: Int32 = 0
        guard waitpid(pid, &raw, WNOHANG) == pid else { return nil }
        let code = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
        status = code
        return code
    }

    /// - Returns: the exit code; 999 when it did not end in time, and was killed.
    func wait(within limit: Duration) -> Int32 {
        if let code = Poll.value(within: limit, { exitCode() }) { return code }
        signal(SIGKILL)
        _ = Poll.value(within: .seconds(10)) { exitCode() }
        return 999
    }

    /// Only while it has not been waited for, so that the number is still its own.
    func signal(_ number: Int32) {
        if exitCode() == nil { kill(pid, number) }
    }
}

enum Poll {
    /// Asks again and again until there is an answer or time is up.
    static func value<Value>(within limit: Duration, _ ask: () throws -> Value?) rethrows -> Value? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let value = try ask() { return value }
            if ContinuousClock.now >= deadline { return nil }
            usleep(20_000)
        }
    }

    static func until(_ limit: Duration = .seconds(20), _ holds: () throws -> Bool) rethrows -> Bool {
        try value(within: limit) { try holds() ? true : nil } ?? false
    }
}

/// What runs on this machine, as /proc tells it.
struct SystemProcess {
    var pid: pid_t
    var parent: pid_t
    var command: String
    var environment: String

    static func all() -> [SystemProcess] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.compactMap { pid in
            guard let command = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline")), !command.isEmpty,
                let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            else { return nil }
            let environment = (try? Data(contentsOf: URL(filePath: "/proc/\(pid)/environ"))) ?? Data()
            let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
            // A process that has ended and waits for its parent is none.
            guard fields.count > 1, fields[0] != "Z" else { return nil }
            let text = { (data: Data) in
                String(decoding: data, as: UTF8.self).replacingOccurrences(of: "\0", with: " ")
            }
            return SystemProcess(
                pid: pid, parent: pid_t(fields[1]) ?? 0, command: text(command), environment: text(environment))
        }
    }
}
