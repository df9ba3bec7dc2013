import DeliveryModel

/// Freeze windows by the clocks of their zones.
struct FreezeCalendar {
    private static let week: Int64 = 7 * 86_400
    /// Windows looked at one after another to find the end of a freeze; more in a row count as one of a year.
    private static let windowsInARow = 64

    let zones: [String: ZoneRules]

    init(_ zones: [String: ZoneRules]) { self.zones = zones }

    /// The first window that `now` is in.
    func window(of windows: [FreezeWindow], at now: Timestamp) -> FreezeWindow? {
        windows.first { secondsLeft(of: $0, at: now) != nil }
    }

    /// When nothing is frozen any more; `nil` when nothing is frozen.
    func end(of windows: [FreezeWindow], at now: Timestamp) -> Timestamp? {
        guard window(of: windows, at: now) != nil else { return nil }
        var time = now
        for _ in 0..<Self.windowsInARow {
            guard let window = window(of: windows, at: time), let left = secondsLeft(of: window, at: time) else {
                return time
            }
            // Clocks may be changed before the window ends: the end is where the wall's clock says it is.
            let rules = zones[window.zone] ?? .utc
            let guess = time + .seconds(left)
            let shift = rules.offset(at: guess) - rules.offset(at: time)
            let end = guess - .seconds(shift)
            time = max(end, time + .seconds(1))
        }
        return now + .seconds(365 * 86_400)
    }

    /// By the clock on the wall; `nil` outside the window.
    private func secondsLeft(of window: FreezeWindow, at now: Timestamp) -> Int64? {
        let rules = zones[window.zone] ?? .utc
        let micros = now.microseconds + Int64(rules.offset(at: now)) * 1_000_000
        let local = Self.floorDivide(micros, 1_000_000)
        switch (window.from, window.to) {
        case (.weekly(let fromDay, let fromMinute), .weekly(let toDay, let toMinute)):
            // 1970-01-01 was a Thursday, which is day 3 of a week that begins on Monday.
            let second = Self.modulo(local + 3 * 86_400, Self.week)
            let from = Int64(fromDay * 86_400 + fromMinute * 60)
            let to = Int64(toDay * 86_400 + toMinute * 60)
            let isInside = from < to ? second >= from && second < to : second >= from || second < to
            return isInside ? Self.modulo(to - second, Self.week) : nil
        case (.once(let fromDay, let fromMinute), .once(let toDay, let toMinute)):
            let from = fromDay * 86_400 + Int64(fromMinute * 60)
            let to = toDay * 86_400 + Int64(toMinute * 60)
            return local >= from && local < to ? to - local : nil
        default: return nil
        }
    }

    private static func modulo(_ value: Int64, _ divisor: Int64) -> Int64 { ((value % divisor) + divisor) % divisor }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        (value - modulo(value, divisor)) / divisor
    }
}
