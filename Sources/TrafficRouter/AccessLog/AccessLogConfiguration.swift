import DeliveryModel

/// Where the access log goes, and its limits.
struct AccessLogConfiguration: Sendable {
    /// A file, which is appended to and made if it is missing (mode 0640), or `-` for standard output.
    var path: String
    var format: AccessLogFormat = .json
    var sampling = AccessLogSampling()
    /// Bytes of lines that may wait to be written, over all event loops; what comes when they are taken is dropped.
    /// Default 4 MiB.
    var maxPendingBytes = 4 * 1024 * 1024
    /// Longest time that a line waits while the file can be written. Default 50 ms.
    var flushInterval: Duration = .milliseconds(50)
    /// How often it is looked whether the file was renamed or removed, and a failure tried again. Default 1 s.
    var checkInterval: Duration = .seconds(1)
    /// Longest time that `stop` waits for the last lines. Default 2 s.
    var stopGrace: Duration = .seconds(2)

    init(path: String) { self.path = path }

    /// What the route table says.
    init(_ log: AccessLog) {
        self.init(path: log.file)
        format = log.format
        sampling = AccessLogSampling(share: log.sampleBasisPoints)
    }
}
