import Synchronization

/// The certificates in force, and the files they come from.
///
/// A change is taken as a whole or not at all: while any file of the list is broken, the certificates that were in
/// force stay, and `failure` says why. Connections that stand are never touched. All calls are safe from any thread;
/// those that read files are not for event loops.
final class TLSCertificateStore: Sendable {
    private struct State {
        var files: [TLSCertificateFiles] = []
        var marks: [FileMark?] = []
        var certificates: TLSCertificates?
        var failure: String?
        /// Files are read outside the lock; what was read for an older list is dropped.
        var generation = 0
    }

    private let state = Mutex(State())

    /// `nil`: none were ever good, and TLS cannot be spoken.
    var certificates: TLSCertificates? { state.withLock { $0.certificates } }

    /// Why the newest files are not in force; `nil` if they are.
    var failure: String? { state.withLock { $0.failure } }

    /// Puts another list in force, in the order of preference. Takes effect for connections made from then on.
    ///
    /// - Parameter keepsTrying: if the list is not good, it is read again when its files change; without this the list
    ///   before stays the one that is looked after.
    /// - Throws: when any file is missing or broken, or a key is not that of its certificate; the certificates that
    ///  were
    ///   in force stay so.
    func use(_ files: [TLSCertificateFiles], keepsTrying: Bool = false) throws(TLSFailure) {
        let generation = state.withLock { state in
            state.generation += 1
            return state.generation
        }
        try load(files, generation, keepsTrying: keepsTrying)
    }

    /// Reads the files again if any of them has changed since the last look, good or bad.
    ///
    /// - Returns: whether other certificates are in force now.
    @discardableResult
    func reloadIfChanged() -> Bool {
        let (files, marks, generation) = state.withLock { ($0.files, $0.marks, $0.generation) }
        guard !files.isEmpty, Self.marks(files) != marks else { return false }
        do throws(TLSFailure) {
            try load(files, generation, keepsTrying: true)
            return true
        } catch {
            return false
        }
    }

    /// Looks for changes until the task is cancelled.
    func watch(every interval: Duration = .seconds(1)) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            reloadIfChanged()
        }
    }

    private func load(_ files: [TLSCertificateFiles], _ generation: Int, keepsTrying: Bool) throws(TLSFailure) {
        // Before reading: a change meanwhile is then seen at the next look.
        let marks = Self.marks(files)
        var loaded: [TLSCertificate] = []
        do throws(TLSFailure) {
            for pair in files { loaded.append(try TLSCertificate.load(pair)) }
        } catch {
            state.withLock { state in
                guard state.generation == generation, keepsTrying else { return }
                state.failure = error.description
                // The same broken files are not read every second.
                (state.files, state.marks) = (files, marks)
            }
            throw error
        }
        let certificates = TLSCertificates(loaded)
        state.withLock { state in
            guard state.generation == generation else { return }
            state.files = files
            state.marks = marks
            state.certificates = certificates
            state.failure = nil
        }
    }

    private static func marks(_ files: [TLSCertificateFiles]) -> [FileMark?] {
        files.flatMap { [FileMark(path: $0.certificate), FileMark(path: $0.key)] }
    }
}
