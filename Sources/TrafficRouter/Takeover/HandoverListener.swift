import FoundationEssentials
import Glibc
import SystemCalls
import Synchronization

/// Waits for the router that takes this one's place, and then follows its tables, on a thread of its own.
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
        /// A table that the other one has put in force, in JSON; returns when it is in force here.
        var follow: @Sendable ([UInt8]) -> Bool
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
    /// The conversation with the router that has taken over.
    private let following = Mutex<Listening?>(nil)

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
                    guard let self, self.converse(conversation) else {
                        close(conversation)
                        continue
                    }
                    listening.close()
                    self.follow(conversation)
                    break
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

    /// Nothing begins here any more, so that tables need not come.
    func stopFollowing() { following.withLock { $0 }?.shutdown() }

    /// Puts the other router's tables in force, until either of the two ends.
    private func follow(_ descriptor: CInt) {
        let conversation = Listening(descriptor)
        following.withLock { $0 = conversation }
        defer { conversation.close() }
        // A table may come at any time.
        UnixSocket.limitWaits(descriptor, seconds: 0)
        var received: [UInt8] = []
        while let part = try? DescriptorPassing.receive(upTo: 64 * 1024, over: descriptor), !part.bytes.isEmpty {
            received += part.bytes
            while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(received[..<end])
                received.removeFirst(end + 1)
                guard owner.follow(line) else { return }
                do { try DescriptorPassing.send([HandedSockets.followed], descriptors: [], over: descriptor) } catch {
                    return
                }
            }
            guard received.count <= HandedSockets.maxGreetingBytes else { return }
        }
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
