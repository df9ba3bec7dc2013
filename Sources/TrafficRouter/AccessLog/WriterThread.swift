#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A thread of the system's for work that waits for disks, so that neither event loops nor Swift's own threads do.
enum WriterThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread that takes no signals: they stay with the others, and a broken pipe is an error, not the end.
    static func start(_ body: @escaping @Sendable () -> Void) throws(RouterError) {
        let code = launch(Work(body))
        guard code == 0 else {
            throw RouterError(.system, "cannot start a thread: \(String(cString: strerror(code)))")
        }
    }

    private static func launch(_ work: Work) -> CInt {
        let kept = Unmanaged.passRetained(work)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let code = pthread_create(&thread, nil, { WriterThread.run($0) }, kept.toOpaque())
        if code != 0 { kept.release() }
        return code
    }

    private static func run(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let work else { return nil }
        pthread_detach(pthread_self())
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
        return nil
    }

    static func sleep(nanoseconds: Int64) {
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        nanosleep(&time, nil)
    }

    /// Nanoseconds of the steady clock.
    static func steadyNow() -> Int64 { now(CLOCK_MONOTONIC) }

    /// Microseconds since 1970.
    static func wallNow() -> Int64 { now(CLOCK_REALTIME) / 1_000 }

    private static func now(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
