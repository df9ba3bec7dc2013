/// Where a request goes.
enum Choice: Equatable {
    /// - Parameters:
    ///   - index: position of the release in the table.
    ///   - isCounted: the answer counts for the release, by which it is judged.
    ///   - setCookie: to be set with the answer; `nil`: none.
    ///   - mayName: the client may name releases here, so that the header with its wish goes on to the instance.
    case release(index: Int, how: How, isCounted: Bool, setCookie: StickyCookie?, mayName: Bool)
    case refuse(status: Int, text: String)
    /// No release has a share.
    case nothing

    enum How: Equatable {
        /// One release has everything.
        case only
        case split
        /// By the rule of this name, which may be empty.
        case rule(String)
        /// The client named it.
        case named
    }
}
