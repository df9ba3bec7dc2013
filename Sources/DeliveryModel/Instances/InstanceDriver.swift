/// Runs instances: processes under shims here, containers or pods elsewhere. All calls are idempotent.
public protocol InstanceDriver: Sendable {
    /// Starts the instance, or finds the one with this id that runs already. Returns as soon as it is under
    /// supervision, not when it is ready.
    func start(_ plan: InstancePlan) async throws(DriverError) -> InstanceStatus
    /// Waits until the instance answers its ready path with 2xx.
    /// - Throws: `.timedOut` after `plan.ready.within`, `.failed` when the program keeps ending before it is ready; the
    ///   message holds the last
    ///   exit and the last lines of its output.
    func waitUntilReady(_ plan: InstancePlan) async throws(DriverError) -> InstanceStatus
    /// SIGTERM to the process group, SIGKILL after the grace; returns when all of the group is gone. An unknown id is a
    /// success.
    func stop(_ id: String, grace: Duration) async throws(DriverError)
    /// Every instance that has not been stopped, found again from disk after a crash too.
    func list() async throws(DriverError) -> [InstanceStatus]
    /// One user-given check against one instance.
    func check(_ smoke: SmokeCheck, instance: InstanceStatus) async throws(DriverError)
}
