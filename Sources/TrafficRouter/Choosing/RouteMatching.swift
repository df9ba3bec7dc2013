import DeliveryModel

/// Finds the service of a request: an exact host before any host, then the longest path prefix at a segment border.
///
/// Hosts are compared without case and without a dot at the end. Among equal prefixes the first service of the table
/// wins, so that every event loop and every router answers alike.
struct RouteMatching: Sendable {
    private struct Candidate {
        /// Position in `bytes`; empty: any path.
        let prefix: Range<Int>
        /// Position of the service in the table.
        let service: Int
    }

    private struct Host {
        /// Position in `bytes`.
        let name: Range<Int>
        /// Positions in `candidates`, the longest prefix first.
        let candidates: Range<Int>
    }

    /// Names of hosts and prefixes of paths, one behind the other.
    private var bytes: [UInt8] = []
    private var candidates: [Candidate] = []
    private var hosts: [Host] = []
    /// By hash: positions in `hosts`, -1 where there is none. At least half of them are free.
    private var slots: [Int32] = []
    private var anyHost = 0..<0

    init(services: [RoutedService]) {
        var byHost: [[UInt8]: [(prefix: [UInt8], service: Int)]] = [:]
        var anywhere: [(prefix: [UInt8], service: Int)] = []
        for (index, service) in services.enumerated() {
            let prefixes = service.paths.isEmpty ? [[]] : service.paths.map(RoutePath.prefix)
            let entries = prefixes.map { (prefix: $0, service: index) }
            if service.hosts.isEmpty { anywhere += entries }
            for host in service.hosts { byHost[Self.normalized(host), default: []] += entries }
        }
        anyHost = add(anywhere)
        for (name, entries) in byHost {
            let start = bytes.count
            bytes += name
            hosts.append(Host(name: start..<bytes.count, candidates: add(entries)))
        }
        fillSlots()
    }

    /// - Returns: positions in `candidates`.
    private mutating func add(_ entries: [(prefix: [UInt8], service: Int)]) -> Range<Int> {
        let first = candidates.count
        let sorted = entries.sorted { left, right in
            left.prefix.count == right.prefix.count
                ? left.service < right.service : left.prefix.count > right.prefix.count
        }
        for entry in sorted {
            let start = bytes.count
            bytes += entry.prefix
            candidates.append(Candidate(prefix: start..<bytes.count, service: entry.service))
        }
        return first..<candidates.count
    }

    private mutating func fillSlots() {
        guard !hosts.isEmpty else { return }
        var size = 4
        while size < hosts.count * 2 { size *= 2 }
        slots = Array(repeating: -1, count: size)
        for (index, host) in hosts.enumerated() {
            var slot = Self.hash(bytes.span, host.name) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(index)
        }
    }

    /// - Returns: position of the service in the table; `nil` when the request is for none.
    func service(_ head: RequestHead) -> Int? {
        let request = head.bytes
        if !hosts.isEmpty, let host = host(request.span, head.hostName),
            let found = first(hosts[host].candidates, request.span, head.path)
        {
            return found
        }
        return first(anyHost, request.span, head.path)
    }

    /// What is answered to a request for no service.
    static func unmatched(_ head: RequestHead) -> String {
        "no service is routed at "
            + "\(String(decoding: normalized(head.string(head.hostName)), as: UTF8.self))\(head.string(head.path))"
    }

    private func host(_ request: Span<UInt8>, _ written: Range<Int>) -> Int? {
        var name = written
        if name.count > 1, request[name.upperBound - 1] == Byte.dot { name = name.lowerBound..<name.upperBound - 1 }
        guard !name.isEmpty else { return nil }
        let known = bytes.span
        var slot = Self.hash(request, name) & (slots.count - 1)
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            let range = hosts[index].name
            if range.count == name.count {
                var offset = 0
                while offset < name.count,
                    request[name.lowerBound &+ offset].lowercased == known[range.lowerBound &+ offset]
                {
                    offset &+= 1
                }
                if offset == name.count { return index }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func first(_ range: Range<Int>, _ request: Span<UInt8>, _ path: Range<Int>) -> Int? {
        let known = bytes.span
        for index in range {
            let candidate = candidates[index]
            if RoutePath.isCovered(request, path, by: known, candidate.prefix) { return candidate.service }
        }
        return nil
    }

    /// Lower case, without a dot at the end.
    private static func normalized(_ host: String) -> [UInt8] {
        let bytes = host.utf8.map(\.lowercased)
        return bytes.count > 1 && bytes.last == Byte.dot ? bytes.dropLast() : bytes
    }

    /// The same for all ways to write a name in capital and small letters.
    private static func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        let small: UInt64 = 0x2020_2020_2020_2020
        var hash = UInt64(range.count)
        var position = range.lowerBound
        while range.upperBound - position >= 8 {
            hash = (hash ^ (bytes.word(at: position) | small)) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
            position += 8
        }
        while position < range.upperBound {
            hash = (hash ^ UInt64(bytes[position] | 0x20)) &* 0x9E37_79B9_7F4A_7C15
            position += 1
        }
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7FFF_FFFF)
    }
}
