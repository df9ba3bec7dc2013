/// How large a release and its parts may be.
public enum ReleaseLimits {
    /// Files, directories and links of one part (program or config).
    public static let files = 100_000
    public static let fileBytes: Int64 = 4 << 30
    /// All files of one part together; also the largest blob, less its headers.
    public static let totalBytes: Int64 = 8 << 30
    /// A tar has up to three 512-byte blocks of headers and padding per entry beside its content.
    public static let blobBytes: Int64 = totalBytes + Int64(files) * 8192
    public static let pathBytes = 4096
    /// Directories in one another, links included.
    public static let depth = 100
    public static let manifestBytes = 1 << 20
    public static let serviceFileBytes = 1 << 20
    public static let indexBytes = 64 << 20
    /// How much of a file is in memory at once.
    static let chunk = 256 * 1024
    /// Blobs that no release names are kept this long (seconds), as an upload may be about to register them.
    static let uploadGrace: Int64 = 3600
    static let shortestPrefix = 4
}
