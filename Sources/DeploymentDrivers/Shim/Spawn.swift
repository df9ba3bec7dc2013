import Glibc
import SystemCalls

/// Starts a process with the descriptors, signals and session that it is given and nothing inherited by chance.
struct Spawn {
    enum Family {
        /// Leader of a session of its own, free of its parent's.
        case session
        /// Leader of a process group of its own.
        case group
    }

    /// `spawn.h` of glibc 2.26 and later; hidden from Swift behind `_GNU_SOURCE`.
    private static let setSession: Int32 = 0x80

    var path: String
    var arguments: [String]
    var environment: [String]
    var family: Family
    /// Opened anew in the child: descriptor, path and flags.
    var opened: [(descriptor: Int32, path: String, flags: Int32)] = []
    /// Copied from this process: descriptor there, descriptor here.
    var copied: [(descriptor: Int32, from: Int32)] = []
    /// Whether all other descriptors are closed in the child, those too that this process forgot to mark.
    var closesOthers = false

    /// - Returns: the new process.
    /// - Throws: why it could not be started, missing files included (posix_spawn(3) reports exec's failure).
    func run() throws(SystemFailure) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for action in opened {
            posix_spawn_file_actions_addopen(&actions, action.descriptor, action.path, action.flags, 0o600)
        }
        for action in copied { posix_spawn_file_actions_adddup2(&actions, action.from, action.descriptor) }
        if closesOthers { LinuxCalls.closeFrom(3, &actions) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var every = sigset_t()
        sigfillset(&every)
        posix_spawnattr_setsigdefault(&attributes, &every)
        var flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        switch family {
        case .session: flags |= Self.setSession
        case .group:
            flags |= Int32(POSIX_SPAWN_SETPGROUP)
            posix_spawnattr_setpgroup(&attributes, 0)
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid: pid_t = 0
        let argumentPointers = arguments.map { strdup($0) } + [nil]
        let environmentPointers = environment.map { strdup($0) } + [nil]
        defer {
            for pointer in argumentPointers { free(pointer) }
            for pointer in environmentPointers { free(pointer) }
        }
        let code = posix_spawn(&pid, path, &actions, &attributes, argumentPointers, environmentPointers)
        guard code == 0 else { throw SystemFailure("cannot start \(arguments.first ?? path)", code: code) }
        return pid
    }
}
