import FoundationEssentials
import Subprocess
import SystemPackage

/// Other programs that the demo runs, this one included.
enum DemoTool {
    /// Largest output of a program that is read.
    static let outputBytes = 1 << 20

    struct Result: Sendable {
        var succeeded: Bool
        var output: String
        var error: String
    }

    /// The very program that runs now, whatever it is called and wherever it lies.
    static func ownPath() throws -> String {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw CommandFailure(.failed, "cannot find this program's own file at /proc/self/exe: \(error)")
        }
    }

    /// Runs a program to its end; when the task is cancelled the program is killed.
    static func run(_ program: String, _ arguments: [String], limit: Int = outputBytes) async throws -> Result {
        let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
        do {
            let result = try await Subprocess.run(
                executable, arguments: Arguments(arguments), output: .string(limit: limit),
                error: .string(limit: limit))
            return Result(
                succeeded: result.terminationStatus.isSuccess, output: result.standardOutput ?? "",
                error: result.standardError ?? "")
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw CommandFailure(
                .failed, "the demo needs \(program), which is not in PATH; `make setup` installs what is missing")
        }
    }

    /// As ``run(_:_:limit:)``, for a program that has to succeed.
    @discardableResult
    static func require(_ program: String, _ arguments: [String]) async throws -> String {
        let result = try await run(program, arguments)
        guard result.succeeded else {
            let said = result.error.isEmpty ? result.output : result.error
            throw CommandFailure(.failed, "\(program) \(arguments.joined(separator: " ")) fails: \(said)")
        }
        return result.output
    }
}
