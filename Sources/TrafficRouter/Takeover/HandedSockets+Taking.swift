import FoundationEssentials
import Glibc
import SystemCalls

extension HandedSockets {
    /// Asks the router that holds the admin socket for its sockets. Waits, for ten seconds at most.
    ///
    /// - Returns: `nil` when there is no router.
    static func take(from admin: String) throws(RouterError) -> HandedSockets? {
        guard let conversation = try UnixSocket.connect(to: path(for: admin)) else { return nil }
        UnixSocket.limitWaits(conversation, seconds: patience)
        var line: [UInt8] = []
        var received: [CInt] = []
        do throws(RouterError) {
            while line.last != UInt8(ascii: "\n") {
                let part: (bytes: [UInt8], descriptors: [CInt])
                do { part = try DescriptorPassing.receive(upTo: 64 * 1024, over: conversation) } catch {
                    throw RouterError(.system, "cannot receive open sockets from the router at \(admin): \(error)")
                }
                line += part.bytes
                received += part.descriptors
                guard !part.bytes.isEmpty, line.count <= maxGreetingBytes else {
                    throw RouterError(
                        .system, "the router at \(admin) ended the conversation; is it starting or stopping?")
                }
            }
            let greeting: Greeting
            do { greeting = try JSONDecoder().decode(Greeting.self, from: Data(line)) } catch {
                throw RouterError(.system, "the router at \(admin) hands over in a way unknown here: \(error)")
            }
            guard greeting.version == Greeting.current, greeting.sockets.count == received.count else {
                throw RouterError(
                    .system,
                    "the router at \(admin) hands over \(received.count) sockets by version \(greeting.version); "
                        + "\(greeting.sockets.count) and version \(Greeting.current) were expected")
            }
            return HandedSockets(
                descriptors: Dictionary(zip(greeting.sockets, received), uniquingKeysWith: { first, _ in first }),
                table: greeting.table, conversation: conversation)
        } catch {
            for descriptor in received + [conversation] { close(descriptor) }
            throw error
        }
    }

    /// Tells the old router that it may go. The conversation goes on.
    func accept() throws(RouterError) {
        do { try DescriptorPassing.send([Self.accepted], descriptors: [], over: conversation) } catch {
            throw RouterError(.system, "cannot tell the other router that it may go: \(error)")
        }
    }

    /// What a router has made its own of it.
    func adopted(by state: Router.State) -> Set<Kind> {
        let sockets = state.sockets.filter { descriptors[$0.key] == $0.value.descriptor }
        return Set(sockets.keys).union([.admin, .lock])
    }

    /// Closes what the new router has no use for, so that nobody waits at a port where nobody accepts.
    func closeUnused(adopted: Set<Kind>) {
        for (kind, descriptor) in descriptors where !adopted.contains(kind) { close(descriptor) }
    }

    /// The old router goes on.
    ///
    /// - Parameter adopted: descriptors that another closes.
    func refuse(adopted: Set<Kind> = []) {
        closeUnused(adopted: adopted)
        close(conversation)
    }
}
