import Glibc
import SystemCalls
import SystemPackage

/// `nonevent shim`: a small process that starts one program, watches it, keeps its output and stops it, and that
/// outlives the control
/// plane. One thread, no event loop, so that hundreds of them cost little.
public enum Shim {
    static let usage =
        "usage: nonevent shim [--launch] --directory DIR, where DIR holds plan.json; "
        + "or nonevent shim --stage, with an order on standard input\n"

    /// - Parameter arguments: what follows `shim` on the command line.
    /// - Returns: the exit code: 0 done, 1 failed (with a message on standard error), 64 wrong usage.
    public static func run(arguments: [String]) -> Int32 {
        var directory: String?
        var launch = false
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--launch": launch = true
            case "--stage": return StageSupervisor.run()
            case "--directory": directory = rest.popFirst()
            default: return complain("unknown argument '\(argument)'; \(usage)", code: 64)
            }
        }
        guard let directory, let pointer = realpath(directory, nil) else {
            return complain(directory.map { "no directory \($0); \(usage)" } ?? usage, code: 64)
        }
        let path = String(cString: pointer)
        free(pointer)
        guard chdir(path) == 0 else { return complain("\(SystemFailure("cannot enter \(path)"))\n", code: 1) }
        do throws(SystemFailure) {
            if launch {
                try ShimLauncher.launch(directory: path)
            } else {
                try supervise(directory: path)
            }
            return 0
        } catch {
            return complain("\(error)\n", code: 1)
        }
    }

    private static func supervise(directory: String) throws(SystemFailure) {
        closeInherited()
        // Held until this process ends: two shims must never run one plan.
        let lock: FileLock?
        do { lock = try FileLock.take(ShimFiles.lock) } catch {
            throw SystemFailure("cannot open \(ShimFiles.lock)", code: error.rawValue)
        }
        guard lock != nil else { throw SystemFailure("\(directory) has a shim already", code: 0) }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        var supervisor = try ProgramSupervisor(directory: directory)
        announceReady()
        supervisor.run()
    }

    /// Tells the launcher that the socket listens, and lets go of it.
    private static func announceReady() {
        _ = write(1, ShimLauncher.readyMark, ShimLauncher.readyMark.count)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else { return }
        dup2(null, 1)
        close(null)
    }

    /// Whatever the launcher's parents had open is not ours to keep open.
    static func closeInherited() {
        guard let directory = opendir("/proc/self/fd") else { return }
        var descriptors: [Int32] = []
        while let found = readdir(directory) {
            let name = withUnsafePointer(to: &found.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let descriptor = Int32(name), descriptor > 2 { descriptors.append(descriptor) }
        }
        closedir(directory)
        for descriptor in descriptors { close(descriptor) }
    }

    private static func complain(_ message: String, code: Int32) -> Int32 {
        let bytes = Array("nonevent shim: \(message)".utf8)
        _ = write(2, bytes, bytes.count)
        return code
    }
}
