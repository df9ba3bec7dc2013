/// How large things in the database may grow.
public enum DatabaseLimits {
    /// Longest JSON text of one journal entry, state, effect or tick, and longest remembered response, in bytes.
    public static let textBytes = 1024 * 1024
    /// Most entries in one answer of ``DeliveryDatabase/entries(after:service:limit:kinds:)``.
    public static let page = 1000
    /// Most problems that a verification lists.
    public static let problems = 100
    /// Verdict ticks kept per rollout; the oldest go first.
    public static let ticksPerRollout = 20_000
    /// Ticks older than this are pruned.
    public static let tickAge = Duration.seconds(30 * 86_400)
    /// Blocks of a baseline's counts that begin longer than this before now are pruned: a day, and an hour for clocks
    /// that are set right.
    public static let baselineBlockAge = Duration.seconds(25 * 3_600)
    /// Blocks kept of all services together, a day of 69 services; the oldest go first.
    public static let baselineBlocks = 20_000
    /// Longest JSON text of one block: 100 instances with long names.
    public static let baselineBlockBytes = 32 * 1024
    /// How long the answer to an `Idempotency-Key` is remembered.
    public static let idempotencyAge = Duration.seconds(86_400)
    /// Most keys remembered at once; the oldest go first.
    public static let idempotencyKeys = 10_000
    /// Longest `Idempotency-Key`, in bytes.
    public static let idempotencyKeyBytes = 255

    /// Longest JSON text of a document: the deploy queue of some ten thousand services.
    public static let documentBytes = 16 * 1024 * 1024
    /// Finished pipeline runs kept of each service; the oldest go first.
    public static let runsPerService = 200
    /// Outcomes of tests older than this are pruned.
    public static let testAge = Duration.seconds(30 * 86_400)
    /// Outcomes of tests kept of all services together; the oldest go first.
    public static let tests = 500_000
    /// Hours of counts that error budgets are made of: 28 days.
    public static let budgetHours: Int64 = 28 * 24
    /// How long a webhook's delivery is remembered, so that it counts once.
    public static let webhookAge = Duration.seconds(30 * 86_400)
    /// Deliveries remembered at once; the oldest go first.
    public static let webhooks = 100_000

    static let busyTimeout = 0.5
    static let readers = 2
    /// Per connection; negative means KiB to SQLite.
    static let cacheKiB = 2048
    /// Pages (4 KiB each) in the write-ahead log before a commit copies them into the database file: 16 MiB, so that
    /// only about
    /// one commit in a thousand pays for it, and none when ``DeliveryDatabase/checkpoint()`` is called in quiet
    /// moments.
    static let checkpointPages = 4000
    static let logBytes = 32 * 1024 * 1024
}
