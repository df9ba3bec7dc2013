import DeliveryModel

/// Service files that were read lately, by the hash of their content.
struct SpecificationCache {
    /// Files kept; when there are more, all are forgotten.
    static let limit = 5_000

    enum Reading: Sendable {
        case good(ServiceSpecification)
        /// What is wrong with it.
        case bad(String)
    }

    private var known: [String: Reading] = [:]

    subscript(object: String) -> Reading? {
        get { known[object] }
        set {
            if known.count >= Self.limit { known = [:] }
            known[object] = newValue
        }
    }
}
