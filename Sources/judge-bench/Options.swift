import DeliveryModel

/// What `judge-bench` was asked for.
struct Options: Sendable {
    var rollouts = 1000
    var seed: UInt64 = 20_261_121
    var out: String?
    /// Worker tasks; what comes out does not depend on it.
    var threads = 2

    static let usage = "judge-bench [--rollouts N] [--seed S] [--out FILE] [--threads N] [--quick]"

    /// - Throws: ``UsageError`` for what it does not know.
    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--quick": rollouts = 60
            case "--out": out = try Self.value(argument, &rest)
            case "--rollouts": rollouts = try Self.number(argument, &rest, from: 4)
            case "--threads": threads = try Self.number(argument, &rest, from: 1)
            case "--seed": seed = UInt64(try Self.number(argument, &rest, from: 0))
            default: throw UsageError("unknown argument '\(argument)'")
            }
        }
    }

    private static func value(_ name: String, _ rest: inout ArraySlice<String>) throws(UsageError) -> String {
        guard let value = rest.popFirst() else { throw UsageError("\(name) needs a value") }
        return value
    }

    private static func number(
        _ name: String, _ rest: inout ArraySlice<String>, from least: Int
    ) throws(UsageError) -> Int {
        let text = try value(name, &rest)
        guard let number = Int(text), number >= least else {
            throw UsageError("\(name): expected a whole number from \(least) on, found '\(text)'")
        }
        return number
    }
}

struct UsageError: Error {
    var message: String
    init(_ message: String) { self.message = "judge-bench: \(message)\nusage: \(Options.usage)" }
}
