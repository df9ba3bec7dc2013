/// Moves traffic: one router, or what stands in for it.
public protocol TrafficDriver: Sendable {
    /// Puts the table in force and returns when every new request follows it.
    /// A table with the generation in force already is accepted again and changes nothing.
    func apply(_ table: RouteTable) async throws(DriverError)
    func measures() async throws(DriverError) -> TrafficMeasures
    /// What copies of requests have shown of releases in the dark.
    func mirrors() async throws(DriverError) -> MirrorReports
}
