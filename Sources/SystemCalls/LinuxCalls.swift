public import Glibc

/// Calls of Linux that Swift cannot see because C declares them with `...` or behind `_GNU_SOURCE`.
public enum LinuxCalls {
    private typealias Prctl = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
    private typealias SignalDescriptor = @convention(c) (Int32, UnsafePointer<sigset_t>?, Int32) -> Int32

    private typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    private typealias TuneHeap = @convention(c) (Int32, Int32) -> Int32
    private typealias SyncFileSystem = @convention(c) (Int32) -> Int32

    /// Has the child close every descriptor from `first` on, after all other actions (glibc 2.34).
    public static func closeFrom(_ first: Int32, _ actions: inout posix_spawn_file_actions_t) {
        _ = symbol("posix_spawn_file_actions_addclosefrom_np", as: CloseFrom.self)?(&actions, first)
    }

    /// Writes all of the descriptor's file system to the disk (syncfs(2)).
    public static func syncFileSystem(_ descriptor: Int32) -> Bool {
        symbol("syncfs", as: SyncFileSystem.self)?(descriptor) == 0
    }

    /// Has large blocks of memory given back to the system as soon as they are freed (mallopt(3)). By itself glibc
    /// keeps them once it has seen one of their size: texts of hundreds of kilobytes, one for each change, then leave
    /// holes of ten times as much.
    public static func giveLargeBlocksBack() {
        guard let call = symbol("mallopt", as: TuneHeap.self) else { return }
        let (trimThreshold, mmapThreshold, arenaMax): (Int32, Int32, Int32) = (-1, -3, -8)
        _ = call(mmapThreshold, 128 << 10)
        _ = call(trimThreshold, 128 << 10)
        _ = call(arenaMax, 2)
    }

    /// Makes this process the parent of its descendants whose parents end (prctl(2), PR_SET_CHILD_SUBREAPER).
    public static func becomeSubreaper() -> Bool {
        guard let call = symbol("prctl", as: Prctl.self) else { return false }
        return call(36, 1, 0, 0, 0) == 0
    }

    /// A descriptor that becomes readable when one of the signals comes, which are blocked from now on (signalfd(2)).
    public static func signalDescriptor(_ signals: [Int32]) -> Int32 {
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
