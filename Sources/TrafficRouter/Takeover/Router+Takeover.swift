import DeliveryModel
import NIOCore
import Synchronization

/// Told when another router has taken over; waited for by one at most, who may be cancelled.
struct Departure: Sendable {
    private let stream: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init() { (stream, end) = AsyncStream.makeStream() }

    func happen() { end.finish() }

    func wait() async { for await _ in stream {} }
}

extension Router {
    /// Returns once another router has this one's sockets; `shutdown` then ends what is under way.
    public func handedOver() async { await departure.wait() }

    /// Begins with the sockets and the table of the router before.
    func start(with handed: HandedSockets, admin path: String) throws(RouterError) -> Start {
        try handed.table.validate()
        guard let admin = handed.descriptors[.admin], let lock = handed.descriptors[.lock] else {
            throw RouterError(.system, "the router at \(path) hands over no admin socket")
        }
        return Start(
            admin: AdminSocket(path: path, descriptor: admin, lock: lock), table: handed.table, isPersisted: false,
            handed: handed)
    }

    /// Undoes a start that failed; a router that was to be replaced goes on.
    func abandon(_ start: Start) async {
        guard let handed = start.handed else { return await shutdown() }
        // As after a handover: the sockets are the other router's.
        let begun = state.withLock { state in
            state.phase = .leaving
            return state
        }
        await stopAccepting(begun)
        await shutdown()
        handed.refuse(adopted: Set(begun.sockets.keys).union([.admin, .lock]))
    }

    /// Lets the next router ask for the sockets, if this one has an admin socket, beside which it asks.
    ///
    /// A router that cannot be replaced under load serves all the same.
    func listenForSuccessor() {
        guard let path = configuration.adminSocketPath else { return }
        let owner = HandoverListener.Owner(
            offer: { [weak self] in self?.offer() }, resume: { [weak self] in self?.resume() },
            leave: { [weak self] in self?.leave() })
        do throws(RouterError) {
            let listener = try HandoverListener(admin: path, owner: owner)
            state.withLock { $0.handover = listener }
        } catch {
            configuration.complain("no other router can take over from this one: \(error.message)")
        }
    }

    private func offer() -> (greeting: HandedSockets.Greeting, descriptors: [CInt])? {
        state.withLock { state in
            guard state.phase == .running, let admin = state.adminSocket else { return nil }
            state.phase = .offering
            var kinds = state.sockets.map { ($0.key, $0.value.descriptor) }
            kinds += [(.admin, admin.descriptor), (.lock, admin.lock)]
            return (.init(sockets: kinds.map(\.0), table: state.table), kinds.map(\.1))
        }
    }

    private func resume() {
        state.withLock { if $0.phase == .offering { $0.phase = .running } }
    }

    private func leave() {
        let old = state.withLock { state -> State? in
            guard state.phase == .offering else { return nil }
            state.phase = .leaving
            return state
        }
        guard let old else { return }
        configuration.complain("another router has taken over; what is under way ends here")
        Task {
            // Before anything else may change the file, which is the other router's now.
            await tableFile?.stop()
            try? await old.listeners[.admin]?.close().get()
            await stopAccepting(old)
            departure.happen()
        }
    }
}
