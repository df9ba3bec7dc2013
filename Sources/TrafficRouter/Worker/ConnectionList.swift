/// The client connections of one event loop. Each knows its place, so that coming and going cost the same however many
/// there are.
struct ConnectionList {
    private(set) var all: [any RoutedConnection] = []

    var count: Int { all.count }

    mutating func insert(_ connection: any RoutedConnection) {
        connection.place = all.count
        all.append(connection)
    }

    /// Nothing happens if it is not there.
    mutating func remove(_ connection: any RoutedConnection) {
        let place = connection.place
        guard place >= 0 else { return }
        connection.place = -1
        let last = all.removeLast()
        guard last !== connection else { return }
        all[place] = last
        last.place = place
    }
}
