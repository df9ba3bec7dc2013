/// Bounds on what a service file may hold, so that a hostile or broken file costs neither memory nor time.
public enum ServiceFileLimits {
    /// Bytes of the whole file: 1 MiB.
    public static let fileBytes = 1 << 20
    /// YAML nodes after aliases are expanded.
    public static let nodes = 10_000
    /// Aliases (`*name`): few enough that even doubling at every level stays small before nodes can be counted.
    public static let aliases = 32
    /// Levels of nesting; the service file itself needs 5.
    public static let depth = 32
    /// Problems reported at once.
    public static let problems = 100
    /// Bytes of one text value.
    public static let textBytes = 65_536
    /// Entries of `judge.metrics`: each costs a question per release and interval.
    public static let metrics = 20
    /// Bytes of one metric's query.
    public static let queryBytes = 4096
    /// Stages of a pipeline, members of groups and the groups included.
    public static let stages = 100
    /// Freeze windows of a service.
    public static let freezes = 100
    /// Entries of a list or of `run.environment`.
    public static let entries = 1_000
}
