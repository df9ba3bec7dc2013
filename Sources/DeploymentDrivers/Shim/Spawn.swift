import Glibc

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

/// Calls of Linux that Swift cannot see because C declares them with `...` or behind `_GNU_SOURCE`.
enum LinuxCalls {
    private typealias Prctl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
    private typealias SignalDescriptor = @convention(c) (Int32, UnsafePointer<sigset_t>?, Int32) -> Int32

    private typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    private typealias TuneHeap = @convention(c) (Int32, Int32) -> Int32
    private typealias SyncFileSystem = @convention(c) (Int32) -> Int32

    /// Has the child close every descriptor from `first` on, after all other actions (glibc 2.34).
    static func closeFrom(_ first: Int32, _ actions: inout posix_spawn_file_actions_t) {
        _ = symbol("posix_spawn_file_actions_addclosefrom_np", as: CloseFrom.self)?(&actions, first)
    }

    /// Writes all of the descriptor's file system to the disk (syncfs(2)).
    static func syncFileSystem(_ descriptor: Int32) -> Bool {
        symbol("syncfs", as: SyncFileSystem.self)?(descriptor) == 0
    }

    /// Has large blocks of memory given back to the system as soon as they are freed (mallopt(3)). By itself glibc
    /// keeps them once it has seen one of their size: texts of hundreds of kilobytes, one for each change, then leave
    /// holes of ten times as much.
    static func giveLargeBlocksBack() {
        guard let call = symbol("mallopt", as: TuneHeap.self) else { return }
        let (trimThreshold, mmapThreshold, arenaMax): (Int32, Int32, Int32) = (-1, -3, -8)
        _ = call(mmapThreshold, 128 << 10)
        _ = call(trimThreshold, 128 << 10)
        _ = call(arenaMax, 2)
    }

    /// Makes this process the parent of its descendants whose parents end (prctl(2), PR_SET_CHILD_SUBREAPER).
    static func becomeSubreaper() -> Bool {
        guard let call = symbol("prctl", as: Prctl.self) else { return false }
        return call(36, 1, 0, 0, 0) == 0
    }

    /// A descriptor that becomes readable when one of the signals comes, which are blocked from now on (signalfd(2)).
    static func signalDescriptor(_ signals: [Int32]) -> Int32 {
        guard let call = symbol("signalfd", as: SignalDescriptor.self) else { return -1 }
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        sigprocmask(SIG_BLOCK, &set, nil)
        return call(-1, &set, Int32(O_CLOEXEC) | Int32(O_NONBLOCK))
    }

    private static func symbol<Call>(_ name: String, as: Call.Type) -> Call? {
        guard let library = dlopen(nil, RTLD_NOW), let address = dlsym(library, name) else { return nil }
        return unsafeBitCast(address, to: Call.self)
    }
}
