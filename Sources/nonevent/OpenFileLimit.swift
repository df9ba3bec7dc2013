import Glibc

/// How many files and connections this process may have open.
enum OpenFileLimit {
    /// Raises the soft limit to the hard one: systems begin with 1,024 for the sake of programs that use `select`,
    /// which is too few for a router's connections.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = limit.rlim_max
        // Refused, the old one stays; connections above it are then refused one by one.
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
