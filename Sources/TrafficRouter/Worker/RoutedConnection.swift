import NIOCore

/// A client's connection as its worker looks after it.
protocol RoutedConnection: AnyObject {
    /// Ends what takes too long; called about once a second.
    func sweep(now: NIODeadline)
    /// Looks at the deadlines of the requests under way; called often while any has one.
    func sweepDeadlines(now: NIODeadline)
    /// For shutdown, again and again: requests under way are answered first.
    func closeWhenIdle()
    func close()
}
