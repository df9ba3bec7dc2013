import DeliveryModel
import Glibc
import NIOCore
import SystemCalls
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
    /// Whether another router has taken this one's place.
    public var isHandedOver: Bool { state.withLock { $0.isHandedOver } }

    /// Returns once another router has this one's sockets; `shutdown` then ends what is under way.
    public func handedOver() async { await departure.wait() }

    /// What the router that has the admin socket hands over; `nil`: there is none, or it goes on having it.
    ///
    /// One that has just been given the socket itself is waited for.
    func takeSockets(_ path: String) throws(RouterError) -> HandedSockets? {
        guard configuration.takesOver else { return nil }
        for _ in 1..<HandedSockets.tries {
            if let handed = try HandedSockets.take(from: path) { return handed }
            guard AdminSocket.isHeld(path) else { return nil }
            usleep(HandedSockets.pause)
        }
        return nil
    }

    /// Begins with the sockets and the table of the router before.
    func start(with handed: HandedSockets, admin path: String) throws(RouterError) -> Start {
        try handed.table.validate()
        guard let admin = handed.descriptors[.admin], let lock = handed.descriptors[.lock] else {
            throw RouterError(.system, "the router at \(path) hands over no admin socket")
        }
        return Start(
            admin: AdminSocket(path: path, descriptor: admin, lock: FileLock(descriptor: lock)), table: handed.table,
            isPersisted: false,
            handed: handed)
    }

    /// Lets the other router go, and sees to it that it gets what tables come.
    func replace(_ handed: HandedSockets, _ loop: any EventLoop) async throws {
        try handed.accept()
        handed.closeUnused(adopted: handed.adopted(by: state.withLock { $0 }))
        let predecessor: Predecessor
        do { predecessor = try await Predecessor.follow(handed.conversation, on: loop) } catch {
            return configuration.complain("the router before this one will not follow new tables: \(error)")
        }
        let table = state.withLock { state in
            state.predecessor = predecessor
            return state.table
        }
        // One that came before there was anybody to be told.
        if table.generation > handed.table.generation { _ = try? await predecessor.tell(table).get() }
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
        begun.adminSocket?.giveAway()
        handed.refuse(adopted: handed.adopted(by: begun))
    }

    /// Lets the next router ask for the sockets, if this one has an admin socket, beside which it asks.
    ///
    /// A router that cannot be replaced under load serves all the same.
    func listenForSuccessor() {
        guard let path = configuration.adminSocketPath else { return }
        let owner = HandoverListener.Owner(
            offer: { [weak self] in self?.offer() }, resume: { [weak self] in self?.resume() },
            leave: { [weak self] in self?.leave() }, follow: { [weak self] in self?.follow($0) ?? false })
        do throws(RouterError) {
            let listener = try HandoverListener(admin: path, owner: owner)
            state.withLock { $0.handover = listener }
        } catch {
            configuration.complain("no other router can take over from this one: \(error.message)")
        }
    }

    private func offer() -> (greeting: HandedSockets.Greeting, descriptors: [CInt])? {
        typealias Offer = (greeting: HandedSockets.Greeting, descriptors: [CInt])
        let (offer, listeners) = state.withLock { state -> (Offer?, [any Channel]) in
            guard state.phase == .running, let admin = state.adminSocket else { return (nil, []) }
            state.phase = .offering
            var kinds = state.sockets.map { ($0.key, $0.value.descriptor) }
            kinds += [(.admin, admin.descriptor), (.lock, admin.lock.descriptor)]
            return (
                (.init(sockets: kinds.map(\.0), table: state.table), kinds.map(\.1)), Array(state.listeners.values)
            )
        }
        Self.accept(false, on: listeners)
        return offer
    }

    private func resume() {
        let listeners = state.withLock { state -> [any Channel] in
            guard state.phase == .offering else { return [] }
            state.phase = .running
            return Array(state.listeners.values)
        }
        Self.accept(true, on: listeners)
    }

    /// While two routers have the same sockets only one of them looks at these: new connections wait with the system
    /// for the one that will serve. Woken together, one of the two would find nothing to accept, which SwiftNIO takes
    /// for its own mistake.
    ///
    /// Waits; only for a thread that may.
    private static func accept(_ accepts: Bool, on listeners: [any Channel]) {
        for listener in listeners { try? listener.setOption(.autoRead, value: accepts).wait() }
    }

    private func leave() {
        let old = state.withLock { state -> State? in
            guard state.phase == .offering else { return nil }
            state.phase = .leaving
            state.isHandedOver = true
            return state
        }
        guard let old else { return }
        configuration.complain("another router has taken over; what is under way ends here")
        Task {
            // Before anything else may change the file, which is the other router's now.
            await tableFile?.stop()
            try? await old.listeners[.admin]?.close().get()
            // With the lock: should the other one be restarted, it must find the path free.
            old.adminSocket?.giveAway()
            configuration.serviceManager?.forget()
            await stopAccepting(old)
            departure.happen()
        }
    }

    /// A table of the router that has taken over: requests that begin on connections kept here follow it.
    ///
    /// - Returns: whether it could be read. Waits; only for a thread that may.
    private func follow(_ line: [UInt8]) -> Bool {
        guard var table = try? JSONText.decode(RouteTable.self, from: line) else { return false }
        // A router that stops makes no copies any more.
        for index in table.services.indices { table.services[index].mirror = nil }
        let (installed, before) = state.withLock { [table] state -> ([EventLoopFuture<Void>], Predecessor?) in
            guard state.phase == .leaving || state.phase == .stopped, table.generation > state.table.generation else {
                return ([], nil)
            }
            state.table = table
            return (state.workers.map { $0.submit { $0.install(table) } }, state.predecessor)
        }
        let told = before?.tell(table)
        for future in installed { try? future.wait() }
        _ = try? told?.wait()
        return true
    }
}
