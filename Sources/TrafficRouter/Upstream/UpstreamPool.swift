import NIOCore

/// Idle connections of one event loop to one instance, the one used last on top.
struct UpstreamPool {
    private(set) var idle: [HTTP1Upstream] = []

    /// Takes the connection used last, if it was used after `notBefore`.
    mutating func take(usedAfter notBefore: NIODeadline) -> HTTP1Upstream? {
        guard let last = idle.last, last.idleSince >= notBefore else { return nil }
        return idle.removeLast()
    }

    /// - Returns: false when the pool is full; the caller then closes the connection.
    mutating func put(_ connection: HTTP1Upstream, limit: Int) -> Bool {
        guard idle.count < limit else { return false }
        idle.append(connection)
        return true
    }

    mutating func remove(_ connection: HTTP1Upstream) {
        idle.removeAll { $0 === connection }
    }

    /// Takes out what was not used since `deadline`; the oldest stand first.
    mutating func removeIdle(since deadline: NIODeadline) -> [HTTP1Upstream] {
        let count = idle.prefix { $0.idleSince < deadline }.count
        defer { idle.removeFirst(count) }
        return Array(idle.prefix(count))
    }

    mutating func removeAll() -> [HTTP1Upstream] {
        defer { idle = [] }
        return idle
    }
}
