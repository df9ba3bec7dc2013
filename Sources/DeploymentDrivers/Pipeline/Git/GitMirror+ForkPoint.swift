public import DeliveryModel

extension GitMirror {
    /// The newest commit that leads to both; `nil` when there is none.
    public func forkPoint(of one: String, and other: String) async throws(DriverError) -> String? {
        let outcome = try await git.run(["merge-base", one, other])
        guard outcome.ending == .exited(code: 0) else { return nil }
        return String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").first.map(String.init)
    }
}
