/// A regular expression as it is written.
indirect enum RegularExpressionNode: Equatable {
    /// Nothing, which is found everywhere.
    case empty
    case one(of: ScalarSet)
    case border(RegularExpressionBorder)
    case sequence([RegularExpressionNode])
    case choice([RegularExpressionNode])
    /// - Parameter most: `nil`: any number.
    case repeated(RegularExpressionNode, least: Int, most: Int?)
}

/// What must hold between two scalars.
enum RegularExpressionBorder: UInt8 {
    case start, end
    /// A letter, digit or `_` of ASCII at one side and none at the other.
    case word
    case notWord
}
