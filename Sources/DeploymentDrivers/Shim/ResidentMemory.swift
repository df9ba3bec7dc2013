import Glibc
import SystemCalls

/// Gives pages of the program file and libraries back after start-up: they were touched once, stay in the page cache,
/// which all
/// processes of this binary share, and come back by themselves when they are used again.
public enum ResidentMemory {
    /// Longest line of `/proc/self/smaps` that is read.
    private static let lineLimit = 4096

    /// Has freed memory go back to the system from now on; to be called before there are threads.
    public static func keepHeapSmall() { LinuxCalls.giveLargeBlocksBack() }

    /// Gives back what exceeds `limit` bytes of resident memory, if it can.
    public static func trim(over limit: Int) {
        guard let now = ProcessMemory.residentBytes(of: getpid()), now > limit else { return }
        trim()
    }

    /// Between two looks of ``keep(under:)`` once it has run for a while.
    public static let pace = Duration.seconds(10)
    /// Between its first looks: most pages are touched once, at the start and by the first requests.
    private static let firstPaces = [Duration.seconds(1), .seconds(2), .seconds(4), .seconds(8)]

    /// Gives back what exceeds `limit` again and again, until the task is cancelled.
    public static func keep(under limit: Int) async {
        var paces = firstPaces[...]
        while !Task.isCancelled {
            trim(over: limit)
            try? await Task.sleep(for: paces.popFirst() ?? pace)
        }
    }

    /// Only mappings of files that hold no page of our own: dropping a changed page would lose it.
    public static func trim() {
        guard let file = fopen("/proc/self/smaps", "re") else { return }
        var ranges: [(start: UInt, length: Int)] = []
        var range: (start: UInt, length: Int)?
        var line = [CChar](repeating: 0, count: lineLimit)
        while fgets(&line, Int32(line.count), file) != nil {
            if let header = readOnlyFile(line) {
                range = header
            } else if isHeader(line) {
                range = nil
            } else if startsWith(line, "Anonymous:"), let found = range {
                if number(line) == 0 { ranges.append(found) }
                range = nil
            }
        }
        fclose(file)
        for range in ranges {
            madvise(UnsafeMutableRawPointer(bitPattern: range.start), range.length, Int32(MADV_DONTNEED))
        }
    }

    /// `7f12-7f34 r-xp 00000000 fe:00 123 /path`
    private static func readOnlyFile(_ line: [CChar]) -> (start: UInt, length: Int)? {
        guard isHeader(line) else { return nil }
        let fields = text(line).split(separator: " ", omittingEmptySubsequences: true)
        guard fields.count >= 6, fields[5].hasPrefix("/"), fields[1] == "r--p" || fields[1] == "r-xp" else {
            return nil
        }
        let borders = fields[0].split(separator: "-")
        guard borders.count == 2, let start = UInt(borders[0], radix: 16), let end = UInt(borders[1], radix: 16),
            end > start
        else { return nil }
        return (start, Int(end - start))
    }

    private static func isHeader(_ line: [CChar]) -> Bool {
        let first = UInt8(bitPattern: line[0])
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(first)
    }

    private static func startsWith(_ line: [CChar], _ prefix: StaticString) -> Bool {
        strncmp(line, UnsafeRawPointer(prefix.utf8Start).assumingMemoryBound(to: CChar.self), prefix.utf8CodeUnitCount)
            == 0
    }

    private static func number(_ line: [CChar]) -> Int? {
        text(line).split(separator: " ", omittingEmptySubsequences: true).dropFirst().first.flatMap { Int($0) }
    }

    private static func text(_ line: [CChar]) -> String {
        let end = line.firstIndex { $0 == 0 || $0 == 10 } ?? line.endIndex
        return String(decoding: line[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
