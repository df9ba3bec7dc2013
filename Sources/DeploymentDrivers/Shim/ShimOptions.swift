public import DeliveryModel

/// How a shim treats its program, beside what the plan says of it; kept as `shim.json` beside the plan.
public struct ShimOptions: Sendable, Equatable, Codable {
    /// Absolute path of the newest log file; older ones get `.1`, `.2`, ... Empty: `output.log` beside the plan.
    public var logFile: String
    /// Most bytes of one log file.
    public var logFileBytes: Int
    /// Log files kept, the newest included.
    public var logFiles: Int
    /// Wait before the first restart; doubles with each restart up to `backoffLimit`.
    @InSeconds public var backoffFirst: Duration
    @InSeconds public var backoffLimit: Duration
    /// A program that has lived this long starts anew with `backoffFirst`.
    @InSeconds public var backoffResetAfter: Duration
    /// Added to the program's arguments at its first start only; `nil`: none.
    public var firstArguments: [String]?
    /// An exit code with which the program says that its work is done: it is not started again, and the shim ends.
    public var finalExitCode: Int32?
    /// How long the listening sockets that the program has given to its shim stay open after its end until it is ready
    /// again; `nil`: it cannot give any.
    @InSecondsIfSet public var socketPatience: Duration?

    public init(
        logFile: String = "", logFileBytes: Int = 1 << 20, logFiles: Int = 4,
        backoffFirst: Duration = .milliseconds(100), backoffLimit: Duration = .seconds(30),
        backoffResetAfter: Duration = .seconds(60)
    ) {
        self.logFile = logFile
        self.logFileBytes = logFileBytes
        self.logFiles = logFiles
        self.backoffFirst = backoffFirst
        self.backoffLimit = backoffLimit
        self.backoffResetAfter = backoffResetAfter
        socketPatience = nil
    }

    /// For the router, whose absence every user notices: back within half a second.
    public static var router: ShimOptions {
        var options = ShimOptions(
            backoffFirst: .milliseconds(50), backoffLimit: .milliseconds(500), backoffResetAfter: .seconds(5))
        options.finalExitCode = RouterSlots.leavingCode
        options.socketPatience = .seconds(10)
        return options
    }
}

/// The wait before the next start of a program that keeps ending.
struct RestartBackoff {
    private let options: ShimOptions
    private var next: Duration

    init(_ options: ShimOptions) {
        self.options = options
        next = options.backoffFirst
    }

    /// - Parameter lived: how long the program that ended just now had run.
    mutating func delay(afterLiving lived: Duration) -> Duration {
        if lived >= options.backoffResetAfter { next = options.backoffFirst }
        let delay = min(next, options.backoffLimit)
        next = min(next * 2, options.backoffLimit)
        return delay
    }
}
