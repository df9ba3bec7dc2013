/// Finds the setting of a peer that is quickest among those that seldom undo what is healthy.
public struct PeerSearch<P: Peer>: Sendable {
    /// The largest part of healthy rollouts undone, on the worst kind of noise.
    public static var allowed: Double { 0.015 }

    public private(set) var settings: [P]
    /// Healthy rollouts undone, for each setting and kind of noise.
    public private(set) var undone: [[Int]]
    private var trials: [Int]

    public init(_ settings: [P], kinds: Int) {
        self.settings = settings
        undone = Array(repeating: Array(repeating: 0, count: kinds), count: settings.count)
        trials = Array(repeating: 0, count: kinds)
    }

    /// - Parameter isUndone: for each setting, whether it undid this healthy rollout.
    public mutating func add(_ isUndone: [Bool], kind: Int) {
        for (setting, wasUndone) in isUndone.enumerated() where wasUndone { undone[setting][kind] += 1 }
        trials[kind] += 1
    }

    /// Settings within ``allowed`` on every kind of noise.
    public var admissible: [P] {
        settings.indices.filter { setting in
            zip(undone[setting], trials).allSatisfy { Double($0) <= Self.allowed * Double($1) }
        }.map { settings[$0] }
    }

    /// The admissible setting with the fewest errors until a defect is found; `nil` when none is admissible.
    ///
    /// - Parameter errors: for a setting, its numbers to make small, the first one first: medians for several defects.
    public func tightest(_ errors: (P) -> [Double]) -> P? {
        let measured = admissible.map { (setting: $0, errors: errors($0)) }
        return measured.min { $0.errors.lexicographicallyPrecedes($1.errors) }?.setting
    }
}
