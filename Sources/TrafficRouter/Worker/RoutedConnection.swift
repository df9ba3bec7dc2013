import NIOCore

/// A client's connection as its worker looks after it.
protocol RoutedConnection: AnyObject {
    /// Its place among the worker's connections; -1: it is none of them.
    var place: Int { get set }
    /// Ends what takes too long; called about once a second.
    func sweep(now: NIODeadline)
    /// For shutdown, again and again: requests under way are answered first.
    func closeWhenIdle()
    func close()
}
