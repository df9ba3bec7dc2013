/// Lays the steps out from the end, so that each knows where it goes on.
struct RegularExpressionCompiler {
    private var program = RegularExpressionProgram()
    /// Nodes laid out so far: `(){1000}` nested grows without adding steps.
    private var work = 0

    static let mostWork = 10_000

    static func compile(_ node: RegularExpressionNode) throws(RegularExpressionFlaw) -> RegularExpressionProgram {
        var compiler = RegularExpressionCompiler()
        let found = try compiler.add(.init(kind: .found))
        compiler.program.start = try compiler.lay(node, then: found)
        compiler.lookAhead()
        return compiler.program
    }

    private mutating func add(_ step: RegularExpressionProgram.Step) throws(RegularExpressionFlaw) -> UInt16 {
        guard program.steps.count < RegularExpression.mostSteps else { throw Self.tooLarge }
        program.steps.append(step)
        return UInt16(program.steps.count - 1)
    }

    private static let tooLarge = RegularExpressionFlaw(
        at: 0,
        "it stands for more than \(RegularExpression.mostSteps) steps; use smaller numbers in its {...}")

    /// - Returns: the step at which `node` begins.
    private mutating func lay(
        _ node: RegularExpressionNode, then next: UInt16
    ) throws(RegularExpressionFlaw) -> UInt16 {
        work += 1
        guard work <= Self.mostWork else { throw Self.tooLarge }
        switch node {
        case .empty: return next
        case .border(let border): return try add(.init(kind: .border, border: border, next: next))
        case .one(let set):
            let start = Int32(program.wide.count)
            program.wide += set.wide
            return try add(
                .init(
                    kind: .take, next: next, low: set.low, high: set.high,
                    wide: start..<Int32(program.wide.count)))
        case .sequence(let parts):
            var next = next
            for part in parts.reversed() { next = try lay(part, then: next) }
            return next
        case .choice(let options):
            guard
                var start = try options.last.map({ (last) throws(RegularExpressionFlaw) in try lay(last, then: next) })
            else { return next }
            for option in options.dropLast().reversed() {
                start = try add(.init(kind: .fork, next: try lay(option, then: next), other: start))
            }
            return start
        case .repeated(let node, let least, let most):
            return try lay(node, least: least, most: most, then: next)
        }
    }

    private mutating func lay(
        _ node: RegularExpressionNode, least: Int, most: Int?, then next: UInt16
    ) throws(RegularExpressionFlaw) -> UInt16 {
        var start = next
        if let most {
            for _ in least..<most {
                start = try add(.init(kind: .fork, next: try lay(node, then: start), other: next))
            }
        } else {
            start = try add(.init(kind: .fork, other: next))
            program.steps[Int(start)].next = try lay(node, then: start)
        }
        for _ in 0..<least { start = try lay(node, then: start) }
        return start
    }

    /// Finds out how something that is found may begin.
    private mutating func lookAhead() {
        struct Place: Hashable {
            let step: UInt16
            let isAtStart: Bool
        }
        var seen = Set<Place>()
        var waiting = [Place(step: program.start, isAtStart: false)]
        program.isAnchored = true
        while let place = waiting.popLast() {
            guard seen.insert(place).inserted else { continue }
            let step = program.steps[Int(place.step)]
            switch step.kind {
            case .found:
                program.canBeEmpty = true
                if !place.isAtStart { program.isAnchored = false }
            case .take:
                program.firstLow |= step.low
                program.firstHigh |= step.high
                if !place.isAtStart { program.isAnchored = false }
            case .fork:
                waiting.append(Place(step: step.next, isAtStart: place.isAtStart))
                waiting.append(Place(step: step.other, isAtStart: place.isAtStart))
            case .border:
                waiting.append(Place(step: step.next, isAtStart: place.isAtStart || step.border == .start))
            }
        }
    }
}
