import DeliveryModel
import DeliverySimulation

/// Tables and the numbers in them.
enum Markdown {
    static func table(_ head: [String], _ rows: [[String]]) -> [String] {
        ([head, head.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
    }

    /// `0.3 % [0.8]`: the part seen, and its upper bound.
    static func part(_ events: Int?, _ trials: Int?) -> String {
        guard let events, let trials, trials > 0 else { return "" }
        let bound = ClopperPearson.upperBound(events: events, trials: trials)
        return "\(percent(Double(events) / Double(trials))) [\(hundredths(bound * 100))]"
    }

    static func percent(_ part: Double?) -> String {
        guard let part, part.isFinite else { return "" }
        return "\(decimal(part * 100)) %"
    }

    static func seconds(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return "never" }
        return "\(NumberText.grouped(seconds)) s"
    }

    static func number(_ number: Double?) -> String {
        guard let number, number.isFinite else { return "never" }
        return NumberText.grouped(number)
    }

    /// `99.8 %, 35 s, 9 errors`.
    static func found(_ tally: Tally?) -> String {
        guard let tally else { return "" }
        let errors = tally.median(.undone, \.candidateBad)
        guard errors.isFinite else { return tally.undone == 0 ? "never" : percent(tally.undoneRate) }
        return
            "\(percent(tally.undoneRate)), \(seconds(tally.median(.undone, \.seconds))), \(NumberText.grouped(errors))"
    }

    /// One decimal, without `.0`.
    static func decimal(_ number: Double) -> String {
        guard number.isFinite else { return "never" }
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }

    private static func hundredths(_ number: Double) -> String {
        let all = Int((number * 100).rounded())
        return "\(all / 100).\(all % 100 / 10)\(all % 10)"
    }
}
