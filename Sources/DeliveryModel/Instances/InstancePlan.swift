/// Everything needed to run one instance; never changed once started.
public struct InstancePlan: Sendable, Equatable, Codable {
    /// Unique for ever: `<service>-<short digest>-<generation>-<index>`; also the name of its directory.
    public var id: String
    public var service: ServiceName
    public var release: ReleaseDigest
    public var commit: String
    /// Program and arguments before variables are filled in.
    public var command: [String]
    public var environment: [String: String]
    /// Directory with the release's program files: the working directory.
    public var directory: String
    /// Directory with the release's configuration files.
    public var configDirectory: String
    public var ready: ReadySpecification
    public var stop: StopSpecification
    /// What it speaks, and so how it is asked whether it is ready; `nil`: HTTP/1.
    public var speaks: InstanceProtocol?

    public init(
        id: String, service: ServiceName, release: ReleaseDigest, commit: String, command: [String],
        environment: [String: String] = [:],
        directory: String, configDirectory: String, ready: ReadySpecification = .init(),
        stop: StopSpecification = .init(), speaks: InstanceProtocol? = nil
    ) {
        self.id = id
        self.service = service
        self.release = release
        self.commit = commit
        self.command = command
        self.environment = environment
        self.directory = directory
        self.configDirectory = configDirectory
        self.ready = ready
        self.stop = stop
        self.speaks = speaks
    }
}
