/// How far a time zone is from UTC, at any moment: the transitions of a TZif file (RFC 9636) and the rule for the time
/// after the last of them.
public struct ZoneRules: Sendable, Equatable {
    public static let utc = ZoneRules()
    /// Longest file that is read; the largest of the database has 4 KiB.
    public static let fileBytes = 256 * 1024

    /// Seconds since 1970 from which the offset at the same place of `offsets` is in force; rising.
    private var transitions: [Int64] = []
    private var offsets: [Int] = []
    /// Before the first transition.
    private var first = 0
    /// After the last one.
    private var rule: ZoneRule?

    private init() {}

    /// A zone at the same distance for ever, in seconds east of UTC.
    public init(fixed seconds: Int) { first = seconds }

    /// - Parameter tzif: content of a file such as `/usr/share/zoneinfo/Europe/Berlin`.
    /// - Returns: `nil` when it is not a whole TZif file of version 2 or later.
    public init?(tzif: [UInt8]) {
        guard tzif.count <= Self.fileBytes, let old = ZoneFileHeader(tzif[...]), old.version >= 2,
            let header = ZoneFileHeader(tzif.dropFirst(old.blockEnd(timeBytes: 4)))
        else { return nil }
        let body = Array(tzif.dropFirst(old.blockEnd(timeBytes: 4) + ZoneFileHeader.bytes))
        let end = header.blockEnd(timeBytes: 8) - ZoneFileHeader.bytes
        guard body.count >= end, header.types > 0 else { return nil }
        let kinds = header.times * 8
        let types = kinds + header.times
        func typeOffset(_ index: Int) -> Int? {
            guard index < header.types else { return nil }
            return Int(Int32(truncatingIfNeeded: ZoneFileHeader.number(body, at: types + index * 6, bytes: 4)))
        }
        first = typeOffset(0) ?? 0
        for index in 0..<header.times {
            let time = ZoneFileHeader.number(body, at: index * 8, bytes: 8)
            guard let offset = typeOffset(Int(body[kinds + index])), transitions.last.map({ $0 < time }) ?? true else {
                return nil
            }
            transitions.append(time)
            offsets.append(offset)
        }
        // The footer: a POSIX TZ string between two line ends; empty when nobody knows.
        let footer = body[end...]
        guard footer.first == UInt8(ascii: "\n"), footer.last == UInt8(ascii: "\n"), footer.count >= 2 else {
            return nil
        }
        let text = String(decoding: footer.dropFirst().dropLast(), as: UTF8.self)
        guard !text.isEmpty else { return }
        guard let rule = ZoneRule(text) else { return nil }
        self.rule = rule
    }

    /// Seconds to add to UTC for the clock on the wall.
    public func offset(at time: Timestamp) -> Int {
        let micros = time.microseconds
        let seconds = micros >= 0 ? micros / 1_000_000 : (micros - 999_999) / 1_000_000
        guard let last = transitions.last else { return rule?.offset(at: seconds) ?? first }
        if seconds >= last, let rule { return rule.offset(at: seconds) }
        var (low, high) = (0, transitions.count)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : offsets[low - 1]
    }
}

/// Counts at the head of each part of a TZif file.
struct ZoneFileHeader {
    static let bytes = 44

    let version: Int
    let times: Int
    let types: Int
    private let rest: (universal: Int, standard: Int, leaps: Int, characters: Int)

    /// - Returns: `nil` without the magic number, or with counts that no file of the database has.
    init?(_ file: ArraySlice<UInt8>) {
        let head = Array(file.prefix(Self.bytes))
        guard head.count == Self.bytes, Array(head[0..<4]) == Array("TZif".utf8) else { return nil }
        version = head[4] == 0 ? 1 : Int(head[4]) - 48
        let counts = (0..<6).map { Int(Self.number(head, at: 20 + $0 * 4, bytes: 4)) }
        guard counts.allSatisfy({ (0...10_000).contains($0) }) else { return nil }
        (times, types) = (counts[3], counts[4])
        rest = (counts[0], counts[1], counts[2], counts[5])
    }

    /// Where the part's data ends, counted from its header.
    func blockEnd(timeBytes: Int) -> Int {
        Self.bytes + times * (timeBytes + 1) + types * 6 + rest.characters + rest.leaps * (timeBytes + 4)
            + rest.standard + rest.universal
    }

    /// Big-endian.
    static func number(_ bytes: [UInt8], at start: Int, bytes count: Int) -> Int64 {
        let pattern = bytes[start..<start + count].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int64(bitPattern: pattern)
    }
}
