/// How much time and room a repository may take.
public struct GitLimits: Sendable, Equatable {
    /// For one fetch.
    public var fetchTime = Duration.seconds(600)
    /// Most bytes that one fetch may bring, as they are packed.
    public var fetchBytes = 2 << 30
    /// Most bytes of a mirror on disk; beyond them nothing more is fetched.
    public var mirrorBytes = 8 << 30
    /// For reading from a mirror: lists, differences, a checkout.
    public var answerTime = Duration.seconds(120)
    /// Most bytes of one answer of git.
    public var answerBytes = 64 << 20
    /// Most branches of a repository.
    public var branches = 10_000
    /// Most files of a commit.
    public var files = 200_000
    /// Most bytes of all files of a commit together.
    public var treeBytes = 4 << 30
    /// Most bytes of one file.
    public var fileBytes = 512 << 20
    /// Most service files of a commit.
    public var serviceFiles = 2_000
    /// Most commits of a batch that are listed.
    public var commits = 500

    public init() {}
}
