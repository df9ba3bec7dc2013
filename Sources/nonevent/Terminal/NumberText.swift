import DeliveryModel

/// Numbers as the judge's sentences write them (`CanaryJudge` keeps its own wording to itself); never NaN or infinity.
enum NumberText {
    /// Whole, with commas: `4,600`.
    static func grouped(_ number: Double) -> String {
        let whole = number.rounded()
        guard whole.isFinite, abs(whole) < 1e15 else { return "very many" }
        let digits = Array(String(Int64(abs(whole))))
        var text = whole < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// With a fixed number of decimals, 0 to 3.
    static func decimal(_ number: Double, _ decimals: Int) -> String {
        let scale = [1, 10, 100, 1000][min(3, max(0, decimals))]
        let scaled = (number * Double(scale)).rounded()
        guard scale > 1, scaled.isFinite, abs(scaled) < 1e15 else { return grouped(number) }
        let (whole, part) = Int64(abs(scaled)).quotientAndRemainder(dividingBy: Int64(scale))
        let digits = String(part)
        let padding = String(repeating: "0", count: max(0, decimals - digits.count))
        return (scaled < 0 ? "-" : "") + grouped(Double(whole)) + "." + padding + digits
    }

    /// About two digits that matter: `12 %`, `5.0 %`, `0.07 %`.
    static func percent(_ rate: Double) -> String {
        let value = rate * 100
        if !(value > 0) { return "0 %" }
        if value < 0.01 { return "under 0.01 %" }
        if value > 99, value < 100 { return "over 99 %" }
        return decimal(value, value >= 9.95 ? 0 : value >= 0.995 ? 1 : 2) + " %"
    }

    /// `3 of 4,600 (0.07 %)`, `none of 4,600`.
    static func part(_ bad: Double, of requests: Double) -> String {
        bad > 0 && requests > 0
            ? "\(grouped(bad)) of \(grouped(requests)) (\(percent(bad / requests)))" : "none of \(grouped(requests))"
    }

    /// A ratio: `77`, `3.1`, `0.87`.
    static func ratio(_ value: Double) -> String { decimal(value, value >= 9.95 ? 0 : value >= 0.995 ? 1 : 2) }

    /// A point in time: `35 s`, `0.5 s`, `604,800 s`.
    static func seconds(_ seconds: Double) -> String {
        decimal(seconds, seconds == seconds.rounded() ? 0 : 1) + " s"
    }
}
