import Synchronization

/// Lets callers in one at a time, in the order of their coming. While the router does not answer, one finds that
/// out for all who wait: an undo must not be told after each of them.
final class RouterTurns: Sendable {
    private struct Line {
        var isTaken = false
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }

    private let line = Mutex(Line())

    /// - Returns: `false`: it is nobody's turn, since the router did not answer the one before.
    func begin() async -> Bool {
        await withCheckedContinuation { next in
            let isFree = line.withLock { line in
                if line.isTaken { line.waiting.append(next) }
                defer { line.isTaken = true }
                return !line.isTaken
            }
            if isFree { next.resume(returning: true) }
        }
    }

    func end(answered: Bool) {
        let told = line.withLock { line in
            let told = answered ? Array(line.waiting.prefix(1)) : line.waiting
            line.waiting.removeFirst(told.count)
            line.isTaken = answered && !told.isEmpty
            return told
        }
        for next in told { next.resume(returning: answered) }
    }
}
