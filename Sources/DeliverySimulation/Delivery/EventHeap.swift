import DeliveryModel

/// What is yet to happen, by time; of one time, in the order in which it was said.
struct EventHeap<Event> {
    private struct Entry {
        var time: Int64
        var order: Int
        var event: Event
    }

    private var entries: [Entry] = []
    private var order = 0

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ event: Event, at time: Timestamp) {
        order += 1
        entries.append(Entry(time: time.microseconds, order: order, event: event))
        var index = entries.count - 1
        while index > 0, isBefore(index, (index - 1) / 2) {
            entries.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func next() -> (time: Timestamp, event: Event)? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        if !entries.isEmpty {
            entries[0] = last
            sink()
        }
        return (Timestamp(microseconds: first.time), first.event)
    }

    private mutating func sink() {
        var index = 0
        while true {
            let left = 2 * index + 1
            guard left < entries.count else { return }
            let right = left + 1
            let least = right < entries.count && isBefore(right, left) ? right : left
            guard isBefore(least, index) else { return }
            entries.swapAt(least, index)
            index = least
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (entries[left].time, entries[left].order) < (entries[right].time, entries[right].order)
    }
}
