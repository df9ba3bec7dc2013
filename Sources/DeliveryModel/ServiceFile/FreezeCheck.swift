import Yams

/// What single keys of a freeze window cannot show: whether its two moments go together.
enum FreezeCheck {
    static func problems(_ tree: ServiceFileTree, _ root: Node, file: String) -> [ServiceFileProblem] {
        guard let windows = root["deploy"]?["freeze"]?.sequence else { return [] }
        return windows.enumerated().compactMap { index, node in
            guard let from = node["from"]?.scalar.flatMap({ FreezeMoment($0.string) }), let end = node["to"],
                let to = end.scalar.flatMap({ FreezeMoment($0.string) }),
                let expected = expectation(from, to)
            else { return nil }
            return ServiceFileProblem(
                file: file, line: max(1, end.mark?.line ?? 1), column: max(1, end.mark?.column ?? 1),
                key: "deploy.freeze[\(index)].to", found: "'\(to)'", expected: expected)
        }
    }

    /// What belongs in the place of `to`; `nil` when it is right.
    private static func expectation(_ from: FreezeMoment, _ to: FreezeMoment) -> String? {
        switch (from, to) {
        case (.weekly, .weekly): from == to ? "another moment than 'from'" : nil
        case (.once(let fromDay, let fromMinute), .once(let toDay, let toMinute)):
            (toDay, toMinute) > (fromDay, fromMinute) ? nil : "a moment after 'from', which is \(from)"
        case (.weekly, .once): "a weekday, as in 'from', such as Mon 08:00"
        case (.once, .weekly): "a date, as in 'from', such as 2026-12-27 00:00"
        }
    }
}
