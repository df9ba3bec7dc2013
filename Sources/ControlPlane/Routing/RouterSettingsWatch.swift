import DeliveryModel
import Logging
import ServiceLifecycle

/// Puts `router.yaml` in force when it has changed. A mistake in it is told, and the settings before stay in force.
struct RouterSettingsWatch: Service {
    /// Between two looks at the file.
    static let pace = Duration.seconds(1)
    /// Of what the notices are, see ``Monitor/note(_:about:)``.
    static let subject = "router settings"

    let file: RouterSettingsFile
    let reconciler: Reconciler
    let monitor: Monitor
    let logger: Logger

    func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask {
                // What was not put in force at the start is tried once more.
                var waiting = await reconciler.settings == file.settings ? nil : file.settings
                while !Task.isCancelled {
                    waiting = await look(waiting)
                    try? await Task.sleep(for: Self.pace)
                }
            }
            try? await gracefulShutdown()
            group.cancelAll()
        }
    }

    /// - Parameter waiting: what could not be told to the router the last time.
    /// - Returns: what cannot be told to it now.
    private func look(_ waiting: RouterSettings?) async -> RouterSettings? {
        var wanted = waiting
        do { wanted = try file.change() ?? waiting } catch {
            let what = "\(error)"
            logger.error("the router's settings stay as they were", metadata: ["why": "\(what)"])
            monitor.note("the router's settings stay as they were before this mistake: \(what)", about: Self.subject)
            return nil
        }
        guard let wanted else { return nil }
        do throws(DriverError) {
            try await reconciler.use(wanted)
            monitor.note(nil, about: Self.subject)
            logger.notice("the router's settings are those of \(file.path) now")
            return nil
        } catch {
            let isRefused = error.code == .refused
            if waiting == nil || isRefused {
                logger.error("the router did not take its settings", metadata: ["why": "\(error)"])
            }
            monitor.note("\(file.path) is not in force: \(error)", about: Self.subject)
            return isRefused ? nil : wanted
        }
    }
}
