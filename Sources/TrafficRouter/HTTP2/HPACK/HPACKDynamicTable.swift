/// The fields that a compressor and a decompressor both remember, the newest first (RFC 7541, section 2.3.2).
///
/// All names and values lie in one array, the oldest first; what is evicted is cut off from time to time.
struct HPACKDynamicTable {
    private struct Entry {
        let start: Int
        let nameLength: Int
        let length: Int
        /// RFC 7541, section 4.1.
        var size: Int { length + 32 }
    }

    /// 0 to `limit`; set by the compressor.
    private(set) var capacity: Int
    /// The largest capacity that was allowed.
    let limit: Int
    private(set) var size = 0
    private var storage: [UInt8] = []
    private var entries: [Entry] = []
    private var evicted = 0

    init(limit: Int) {
        self.limit = limit
        capacity = limit
    }

    var count: Int { entries.count - evicted }

    /// - Throws: nothing; the caller has compared `capacity` with `limit`.
    mutating func setCapacity(_ capacity: Int) {
        self.capacity = capacity
        evict(for: 0)
    }

    /// Appends name and value of the entry `index`, 0 for the newest, to `list`; `false` if there is none.
    @inline(__always)
    func copy(_ index: Int, nameOnly: Bool, to list: inout HeaderList) -> (nameLength: Int, found: Bool) {
        guard index >= 0, index < count else { return (0, false) }
        let entry = entries[entries.count - 1 - index]
        let length = nameOnly ? entry.nameLength : entry.length
        list.append(storage.span.extracting(entry.start..<entry.start + length))
        return (entry.nameLength, true)
    }

    /// Remembers a field. One larger than the table empties it (RFC 7541, section 4.4).
    mutating func insert(_ field: Span<UInt8>, nameLength: Int) {
        let entry = Entry(start: storage.count, nameLength: nameLength, length: field.count)
        evict(for: entry.size)
        guard entry.size <= capacity else { return }
        field.withUnsafeBufferPointer { storage.append(contentsOf: $0) }
        entries.append(entry)
        size += entry.size
        if storage.count > 2 * limit + 1_024 { compact() }
    }

    private mutating func evict(for needed: Int) {
        while size + needed > capacity, evicted < entries.count {
            size -= entries[evicted].size
            evicted += 1
        }
        if evicted == entries.count {
            entries.removeAll(keepingCapacity: true)
            storage.removeAll(keepingCapacity: true)
            evicted = 0
        }
    }

    private mutating func compact() {
        guard evicted < entries.count else { return }
        let shift = entries[evicted].start
        storage.removeFirst(shift)
        entries.removeFirst(evicted)
        evicted = 0
        for index in entries.indices {
            let old = entries[index]
            entries[index] = Entry(start: old.start - shift, nameLength: old.nameLength, length: old.length)
        }
    }
}
