/// The rule of a POSIX TZ string, such as `CET-1CEST,M3.5.0,M10.5.0/3`: standard time, and summer time between two days
/// of the year.
struct ZoneRule: Sendable, Equatable {
    private struct Summer: Sendable, Equatable {
        var offset: Int
        var begins: Day
        var ends: Day
    }

    /// A day of the year and the time of it, in seconds on the clock before the change.
    private struct Day: Sendable, Equatable {
        enum Kind: Sendable, Equatable {
            /// The `week`th `weekday` (0 is Sunday) of `month`; week 5 is the last one.
            case monthly(month: Int, week: Int, weekday: Int)
            /// 1 to 365; 29 February is never counted.
            case julian(Int)
            /// 0 to 365.
            case zeroBased(Int)
        }

        var kind: Kind
        var seconds: Int
    }

    private var standard: Int
    private var summer: Summer?

    /// - Returns: `nil` for anything but such a text.
    init?(_ text: String) {
        var scan = Scan(rest: Substring(text))
        guard scan.name(), let west = scan.time(limit: 24) else { return nil }
        standard = -west
        if scan.rest.isEmpty { return }
        guard scan.name() else { return nil }
        var offset = standard + 3600
        if scan.rest.first != "," {
            guard let west = scan.time(limit: 24) else { return nil }
            offset = -west
        }
        guard scan.take(","), let begins = Self.day(&scan), scan.take(","), let ends = Self.day(&scan),
            scan.rest.isEmpty
        else { return nil }
        summer = Summer(offset: offset, begins: begins, ends: ends)
    }

    /// Seconds east of UTC.
    func offset(at seconds: Int64) -> Int {
        guard let summer else { return standard }
        let day = Self.floorDivide(seconds + Int64(standard), 86_400)
        let year = Self.year(ofDay: day)
        let begins = Self.moment(summer.begins, year) - Int64(standard)
        let ends = Self.moment(summer.ends, year) - Int64(summer.offset)
        let isSummer =
            begins < ends ? seconds >= begins && seconds < ends : !(seconds >= ends && seconds < begins)
        return isSummer ? summer.offset : standard
    }

    /// Seconds since 1970 on the clock of that day.
    private static func moment(_ day: Day, _ year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let number: Int64
        switch day.kind {
        case .zeroBased(let index): number = firstDay(year) + Int64(index)
        case .julian(let index): number = firstDay(year) + Int64(index - 1) + (isLeap && index >= 60 ? 1 : 0)
        case .monthly(let month, let week, let weekday):
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            let start = firstDay(year) + Int64(lengths[..<(month - 1)].reduce(0, +))
            // 1970-01-01 was a Thursday.
            let startWeekday = Int((((start + 4) % 7) + 7) % 7)
            var index = (weekday - startWeekday + 7) % 7 + (week - 1) * 7
            while index >= lengths[month - 1] { index -= 7 }
            number = start + Int64(index)
        }
        return number * 86_400 + Int64(day.seconds)
    }

    private static func firstDay(_ year: Int64) -> Int64 {
        let before = year - 1
        return 365 * (year - 1970) + floorDivide(before, 4) - floorDivide(before, 100) + floorDivide(before, 400) - 477
    }

    private static func year(ofDay day: Int64) -> Int64 {
        var year = 1970 + floorDivide(day, 366)
        while firstDay(year + 1) <= day { year += 1 }
        while firstDay(year) > day { year -= 1 }
        return year
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        (value - ((value % divisor) + divisor) % divisor) / divisor
    }

    private static func day(_ scan: inout Scan) -> Day? {
        let kind: Day.Kind
        if scan.take("M") {
            guard let month = scan.number(in: 1...12), scan.take("."), let week = scan.number(in: 1...5),
                scan.take("."), let weekday = scan.number(in: 0...6)
            else { return nil }
            kind = .monthly(month: month, week: week, weekday: weekday)
        } else if scan.take("J") {
            guard let index = scan.number(in: 1...365) else { return nil }
            kind = .julian(index)
        } else {
            guard let index = scan.number(in: 0...365) else { return nil }
            kind = .zeroBased(index)
        }
        guard scan.take("/") else { return Day(kind: kind, seconds: 7200) }
        return scan.time(limit: 167).map { Day(kind: kind, seconds: $0) }
    }

    private struct Scan {
        var rest: Substring

        mutating func take(_ character: Character) -> Bool {
            guard rest.first == character else { return false }
            rest.removeFirst()
            return true
        }

        /// `CET`, or anything between `<` and `>`.
        mutating func name() -> Bool {
            if take("<") {
                guard let end = rest.firstIndex(of: ">") else { return false }
                rest = rest[end...].dropFirst()
                return true
            }
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(letters.count)
            return letters.count >= 3
        }

        mutating func number(in range: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }.prefix(4)
            rest = rest.dropFirst(digits.count)
            return Int(digits).flatMap { range.contains($0) ? $0 : nil }
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time(limit: Int) -> Int? {
            let sign = take("-") ? -1 : 1
            if sign == 1 { _ = take("+") }
            guard let hours = number(in: 0...limit) else { return nil }
            var seconds = hours * 3600
            for unit in [60, 1] {
                guard take(":") else { break }
                guard let part = number(in: 0...59) else { return nil }
                seconds += part * unit
            }
            return sign * seconds
        }
    }
}
