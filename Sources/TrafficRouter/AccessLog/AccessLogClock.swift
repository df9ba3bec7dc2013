/// Times of log lines, written once a second and copied from then on.
struct AccessLogClock {
    private var second = Int64.min
    /// `2026-11-21T04:46:31`
    private(set) var internet: [UInt8] = []
    /// `21/Nov/2026:04:46:31 +0000`
    private(set) var common: [UInt8] = []

    /// The last second of the year 9999: a later one would have a longer year.
    private static let last: Int64 = 253_402_300_799
    private static let months = Array("JanFebMarAprMayJunJulAugSepOctNovDec".utf8)

    /// - Parameter microseconds: since 1970; what is not in the years 1970 to 9999 becomes the nearest of them.
    /// - Returns: the milliseconds within the second.
    mutating func set(microseconds: Int64) -> Int {
        let bounded = min(max(0, microseconds), Self.last * 1_000_000 + 999_999)
        let second = bounded / 1_000_000
        if second != self.second { write(second) }
        return Int(bounded % 1_000_000 / 1_000)
    }

    private mutating func write(_ second: Int64) {
        self.second = second
        let (year, month, day) = Self.civil(days: second / 86_400)
        let rest = Int(second % 86_400)
        let (hour, minute, seconds) = (rest / 3_600, rest / 60 % 60, rest % 60)
        internet.removeAll(keepingCapacity: true)
        common.removeAll(keepingCapacity: true)
        Self.append(year / 100, to: &internet)
        Self.append(year % 100, to: &internet)
        internet.append(UInt8(ascii: "-"))
        Self.append(month, to: &internet)
        internet.append(UInt8(ascii: "-"))
        Self.append(day, to: &internet)
        internet.append(UInt8(ascii: "T"))
        Self.append(day, to: &common)
        common.append(UInt8(ascii: "/"))
        common.append(contentsOf: Self.months[(month - 1) * 3..<month * 3])
        common.append(UInt8(ascii: "/"))
        Self.append(year / 100, to: &common)
        Self.append(year % 100, to: &common)
        common.append(UInt8(ascii: ":"))
        for (index, part) in [hour, minute, seconds].enumerated() {
            if index > 0 {
                internet.append(UInt8(ascii: ":"))
                common.append(UInt8(ascii: ":"))
            }
            Self.append(part, to: &internet)
            Self.append(part, to: &common)
        }
        common.append(contentsOf: " +0000".utf8)
    }

    private static func append(_ number: Int, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "0") + UInt8(number / 10))
        text.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", for days from 1970 on.
    private static func civil(days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
