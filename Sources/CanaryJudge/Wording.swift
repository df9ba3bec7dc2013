/// Numbers as people read them; never NaN or infinity.
enum Wording {
    /// Whole, with commas: `4,600`.
    static func grouped(_ number: Double) -> String {
        guard number.isFinite else { return "very many" }
        let whole = abs(number).rounded()
        guard whole < 1e15 else { return "over 1,000,000,000,000,000" }
        let digits = Array(String(Int64(whole)))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return number < 0 && whole > 0 ? "-" + text : text
    }

    /// With a fixed number of decimals, 0 to 3.
    static func decimal(_ number: Double, _ decimals: Int) -> String {
        let scale = [1.0, 10, 100, 1000][min(3, max(0, decimals))]
        let scaled = (number * scale).rounded()
        guard decimals > 0, scaled.isFinite, abs(scaled) < 1e15 else { return grouped(number) }
        let (whole, part) = (Int64(abs(scaled)) / Int64(scale), Int64(abs(scaled)) % Int64(scale))
        let digits = String(part)
        let padded = String(repeating: "0", count: max(0, decimals - digits.count)) + digits
        return (scaled < 0 ? "-" : "") + grouped(Double(whole)) + "." + padded
    }

    /// About two digits that matter: `12 %`, `5.0 %`, `0.07 %`.
    static func percent(_ rate: Double) -> String {
        let value = rate * 100
        if !(value > 0) { return "0 %" }
        if value < 0.01 { return "under 0.01 %" }
        if value > 99, value < 100 { return "over 99 %" }
        return decimal(value, value >= 9.95 ? 0 : value >= 0.995 ? 1 : 2) + " %"
    }

    /// `77 times`, `1.4 times`.
    static func times(_ ratio: Double, _ decimals: Int = 1) -> String {
        decimal(ratio, ratio >= 9.95 ? 0 : decimals) + " times"
    }

    /// `52 ms`, `1.3 s`, `0.4 ms`.
    static func latency(_ seconds: Double) -> String {
        if seconds >= 0.9995 { return decimal(seconds, seconds >= 9.95 ? 0 : 1) + " s" }
        return decimal(seconds * 1000, seconds >= 0.00995 ? 0 : 1) + " ms"
    }

    /// Any number with about three digits that matter: `1.25`, `312`, `48,200,000`.
    static func number(_ value: Double) -> String {
        let size = abs(value)
        return decimal(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
    }

    /// `3 of 4,600 (0.07 %)`, `none of 4,600`.
    static func part(_ counts: Counts) -> String {
        counts.bad > 0
            ? "\(grouped(counts.bad)) of \(grouped(counts.requests)) (\(percent(counts.rate)))"
            : "none of \(grouped(counts.requests))"
    }

    /// `evidence e^9.1 against e^4.6 needed`.
    static func evidence(_ lnE: Double, _ threshold: Double) -> String {
        "evidence e^\(decimal(min(lnE, 9999), 1)) against e^\(decimal(threshold, 1)) needed"
    }

    static func seconds(_ seconds: Double) -> String {
        seconds < 120
            ? "\(grouped(seconds)) s"
            : seconds < 7200
                ? "\(grouped(seconds / 60)) min"
                : seconds < 172_800 ? "\(grouped(seconds / 3600)) h" : "\(grouped(seconds / 86_400)) d"
    }
}
