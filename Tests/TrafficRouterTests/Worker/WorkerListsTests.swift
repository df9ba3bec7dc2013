import NIOCore
import Testing

@testable import TrafficRouter

/// What an event loop keeps of its connections and of heads that it may use again.
@Suite struct WorkerListsTests {
    private final class Connection: RoutedConnection {
        var place = -1
        func sweep(now: NIODeadline) {}
        func closeWhenIdle() {}
        func close() {}
    }

    @Test func connectionsComeAndGoInAnyOrder() {
        var list = ConnectionList()
        let connections = (0..<5).map { _ in Connection() }
        for connection in connections { list.insert(connection) }
        for index in [1, 4, 0] { list.remove(connections[index]) }
        #expect(list.count == 2)
        #expect(list.all.allSatisfy { $0 === connections[2] || $0 === connections[3] })
        for (place, connection) in list.all.enumerated() { #expect(connection.place == place) }
        // Who has left may leave again, and come back.
        list.remove(connections[1])
        #expect(list.count == 2)
        list.insert(connections[1])
        #expect(list.count == 3 && list.all[2] === connections[1])
    }

    @Test func aHeadThatSomebodyHoldsIsNotGivenToAnother() {
        var spare = SpareHeads()
        let head = spare.take()
        spare.giveBack(head)
        #expect(spare.take() !== head)
    }

    @Test func aHeadThatNobodyHoldsIsUsedAgain() {
        var spare = SpareHeads()
        func useOne() -> ObjectIdentifier {
            let head = spare.take()
            spare.giveBack(head)
            return ObjectIdentifier(head)
        }
        let first = useOne()
        #expect(ObjectIdentifier(spare.take()) == first)
    }
}
