import Glibc

/// What `/proc` says of the processes of this machine (proc(5)).
enum ProcessTable {
    struct Entry {
        var pid: Int32
        var parent: Int32
        var group: Int32
        var startTime: UInt64
        /// False for a zombie, which holds a pid and nothing else.
        var lives: Bool
    }

    static func entry(_ pid: Int32) -> Entry? {
        guard pid > 0, let bytes = try? ShimFiles.read("/proc/\(pid)/stat", limit: 4096) else { return nil }
        // The second field is the program's name in parentheses and may hold anything, so fields are counted from the
        // last one.
        guard let close = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(close + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let parent = Int32(text(fields[1])), let group = Int32(text(fields[2])),
            let start = UInt64(text(fields[19]))
        else { return nil }
        let state = fields[0].first
        let lives = state != UInt8(ascii: "Z") && state != UInt8(ascii: "X")
        return Entry(pid: pid, parent: parent, group: group, startTime: start, lives: lives)
    }

    static func all() -> [Entry] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while let found = readdir(directory) {
            let name = withUnsafePointer(to: &found.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = Int32(name), let entry = entry(pid) { entries.append(entry) }
        }
        return entries
    }

    static func bootIdentifier() -> String {
        guard let bytes = try? ShimFiles.read("/proc/sys/kernel/random/boot_id", limit: 128) else { return "" }
        return text(bytes[...]).split(separator: "\n").first.map(String.init) ?? ""
    }

    /// - Returns: `nil` when there is no such process.
    static func identity(_ pid: Int32) -> ProcessIdentity? {
        guard let entry = entry(pid) else { return nil }
        return ProcessIdentity(pid: pid, startTime: entry.startTime, boot: bootIdentifier())
    }

    /// Whether this very process still runs: not a zombie, and not another with its pid.
    static func lives(_ identity: ProcessIdentity) -> Bool {
        guard let entry = entry(identity.pid), entry.lives else { return false }
        return entry.startTime == identity.startTime && identity.boot == bootIdentifier()
    }

    /// Whether the group has a member that is not a zombie; zombies are their parent's affair.
    static func groupLives(_ group: Int32) -> Bool {
        guard group > 1 else { return false }
        if kill(-group, 0) != 0 && errno == ESRCH { return false }
        // Its leader is nearly always the last: no need to look at every process of the machine.
        if let leader = entry(group), leader.group == group, leader.lives { return true }
        return all().contains { $0.group == group && $0.lives }
    }

    /// Living processes that were started with `variable` in their environment, such as those of an instance whose
    /// leader is gone.
    static func started(with variable: String) -> [Int32] {
        let wanted = Array(variable.utf8)
        return all().filter { entry in
            guard entry.lives, entry.pid != getpid(),
                let bytes = try? ShimFiles.read("/proc/\(entry.pid)/environ", limit: 4 << 20)
            else { return false }
            return bytes.split(separator: 0).contains { $0.elementsEqual(wanted) }
        }.map(\.pid)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Memory of processes, as `status` and the benchmarks show it.
public enum ProcessMemory {
    /// Resident bytes of a process; `nil` when there is no such process.
    public static func residentBytes(of pid: Int32) -> Int? {
        guard let bytes = try? ShimFiles.read("/proc/\(pid)/statm", limit: 4096) else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * Int(getpagesize())
    }
}
