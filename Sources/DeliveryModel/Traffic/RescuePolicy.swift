/// The baseline answers what the candidate failed to: a request that may be repeated, whose attempt failed before the
/// first byte of an answer's body. The failure still counts against the candidate.
public struct RescuePolicy: Sendable, Equatable, Codable {
    public var enabled: Bool
    /// Methods that may be repeated; with an `Idempotency-Key`, any may.
    public var methods: [String]
    /// Longest wait for the candidate's answer to begin, and then for the baseline's.
    @InSeconds public var deadline: Duration
    /// Longest body of a request that is kept to be sent again; 0: only requests without body.
    public var maxBodyBytes: Int
    /// Rescued requests per requests to the candidate: past it failures are passed on, so that a broken candidate does
    /// not double the baseline's load.
    public var budgetBasisPoints: Share
    /// Rescues per second and event loop that the budget never forbids.
    public var minimumPerSecond: Int

    public init(
        enabled: Bool = true, methods: [String] = RequestMethods.safe, deadline: Duration = .seconds(10),
        maxBodyBytes: Int = 65_536, budgetBasisPoints: Share = .all, minimumPerSecond: Int = 10
    ) {
        self.enabled = enabled
        self.methods = methods
        self.deadline = deadline
        self.maxBodyBytes = maxBodyBytes
        self.budgetBasisPoints = budgetBasisPoints
        self.minimumPerSecond = minimumPerSecond
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        enabled = try values.value(.enabled, or: enabled)
        methods = try values.value(.methods, or: methods)
        deadline = try values.seconds(.deadline, or: deadline)
        maxBodyBytes = try values.value(.maxBodyBytes, or: maxBodyBytes)
        budgetBasisPoints = try values.value(.budgetBasisPoints, or: budgetBasisPoints)
        minimumPerSecond = try values.value(.minimumPerSecond, or: minimumPerSecond)
    }
}

/// Methods of RFC 9110, 9, and PATCH (RFC 5789), as they stand in requests; CONNECT and TRACE are never passed on.
public enum RequestMethods {
    /// Those that change nothing, and that people send: RFC 9110, 9.2.1.
    public static let safe = ["GET", "HEAD", "OPTIONS"]
    public static let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
}
