import FoundationEssentials
import Glibc
import Synchronization

/// Waits for the router that takes this one's place, on a thread of its own.
final class HandoverListener: Sendable {
    /// What the router does when it is asked.
    struct Owner: Sendable {
        /// Changes no table from here on.
        ///
        /// - Returns: what to hand over; `nil` while it does not serve.
        var offer: @Sendable () -> (greeting: HandedSockets.Greeting, descriptors: [CInt])?
        /// It was not taken: tables may change again.
        var resume: @Sendable () -> Void
        /// The other one serves.
        var leave: @Sendable () -> Void
    }

    /// A descriptor that one thread closes while others may want to wake it: once it is closed, the number may be that
    /// of another file.
    private final class Listening: Sendable {
        let descriptor: CInt
        private let isClosed = Mutex(false)

        init(_ descriptor: CInt) { self.descriptor = descriptor }

        func shutdown() {
            isClosed.withLock { if !$0 { _ = Glibc.shutdown(descriptor, CInt(SHUT_RDWR)) } }
        }

        func close() {
            isClosed.withLock { isClosed in
                if !isClosed { _ = Glibc.close(descriptor) }
                isClosed = true
            }
        }
    }

    private let path: String
    private let listening: Listening
    private let owner: Owner

    /// Listens beside the admin socket.
    init(admin: String, owner: Owner) throws(RouterError) {
        path = HandedSockets.path(for: admin)
        let listening = Listening(try UnixSocket.listen(at: path))
        self.listening = listening
        self.owner = owner
        do throws(RouterError) {
            try WriterThread.start { [weak self] in
                while let conversation = UnixSocket.accept(listening.descriptor) {
                    UnixSocket.limitWaits(conversation, seconds: HandedSockets.patience)
                    let isHandedOver = self?.converse(conversation) ?? true
                    close(conversation)
                    if isHandedOver { break }
                }
                listening.close()
            }
        } catch {
            listening.close()
            throw error
        }
    }

    /// - Parameter removing: whether the path is to go too; it is another's after a handover.
    func stop(removing: Bool) {
        if removing { unlink(path) }
        // Wakes the thread, which closes it.
        listening.shutdown()
    }

    /// - Returns: whether the other router has taken over.
    private func converse(_ conversation: CInt) -> Bool {
        guard let offer = owner.offer() else { return false }
        do {
            let line = try JSONEncoder().encode(offer.greeting)
            try DescriptorPassing.send(
                Array(line) + [UInt8(ascii: "\n")], descriptors: offer.descriptors, over: conversation)
            let answer = try DescriptorPassing.receive(upTo: 1, over: conversation)
            guard answer.bytes == [HandedSockets.accepted] else {
                owner.resume()
                return false
            }
        } catch {
            owner.resume()
            return false
        }
        owner.leave()
        return true
    }
}
