import DeliveryModel
import Synchronization

/// The certificates in force, and the files they come from.
///
/// Files are looked at again and again: whatever is missing or broken is told in `failures` and tried again when it
/// changes, and what was read from the same files before stays in force until then. A broken certificate keeps no
/// other from being used, and no table from being put in force: an undo must not fail for a file. Connections that
/// stand are never touched. All calls are safe from any thread; those that read files are not for event loops.
final class TLSCertificateStore: Sendable {
    private struct State {
        var wanted: [RoutedCertificate] = []
        var marks: [FileMark?] = []
        var loaded: [RoutedCertificate: TLSCertificate] = [:]
        var inForce: TLSCertificates?
        var failures: [String] = []
        /// Files are read outside the lock; what was read for an older list is dropped.
        var generation = 0
    }

    private let state = Mutex(State())

    /// `nil`: there is none that can be read, and TLS cannot be spoken.
    var certificates: TLSCertificates? { state.withLock { $0.inForce } }

    /// Why certificates of the list are not in force as their files are now; empty if all are.
    var failures: [String] { state.withLock { $0.failures } }

    /// Puts another list in force, in the order of preference, for connections made from then on.
    ///
    /// - Returns: what could not be read.
    @discardableResult
    func use(_ wanted: [RoutedCertificate]) -> [String] {
        let (generation, before) = state.withLock { state in
            state.generation += 1
            return (state.generation, state.loaded)
        }
        return load(wanted, keeping: before, generation)
    }

    /// Reads the files again if any of them has changed since the last look.
    ///
    /// - Returns: whether any had.
    @discardableResult
    func reloadIfChanged() -> Bool {
        let (wanted, marks, loaded, generation) = state.withLock { ($0.wanted, $0.marks, $0.loaded, $0.generation) }
        guard !wanted.isEmpty, Self.marks(wanted) != marks else { return false }
        load(wanted, keeping: loaded, generation)
        return true
    }

    /// Looks for changes until the task is cancelled.
    ///
    /// - Parameter complain: told once what is newly wrong.
    func watch(every interval: Duration = .seconds(1), complain: (String) -> Void) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            let before = failures
            guard reloadIfChanged() else { continue }
            for failure in failures where !before.contains(failure) { complain(failure) }
        }
    }

    @discardableResult
    private func load(
        _ wanted: [RoutedCertificate], keeping before: [RoutedCertificate: TLSCertificate], _ generation: Int
    ) -> [String] {
        // Before reading: a change meanwhile is then seen at the next look.
        let marks = Self.marks(wanted)
        var loaded: [RoutedCertificate: TLSCertificate] = [:]
        var failures: [String] = []
        for certificate in wanted {
            do throws(TLSFailure) {
                loaded[certificate] = try TLSCertificate.load(certificate)
            } catch {
                failures.append(error.description)
                loaded[certificate] = before[certificate]
            }
        }
        let inForce = TLSCertificates(wanted.compactMap { loaded[$0] })
        state.withLock { [loaded, failures] state in
            guard state.generation == generation else { return }
            state.wanted = wanted
            state.marks = marks
            state.loaded = loaded
            state.inForce = inForce
            state.failures = failures
        }
        return failures
    }

    private static func marks(_ wanted: [RoutedCertificate]) -> [FileMark?] {
        wanted.flatMap { [FileMark(path: $0.chain), FileMark(path: $0.key)] }
    }
}
