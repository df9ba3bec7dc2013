import DeliveryModel
import Foundation
import Testing

@Suite struct RouteTableTextTests {
    @Test func eachTableIsWhatTheEncoderWrites() throws {
        var text = RouteTableText()
        func expect(_ table: RouteTable) throws {
            let written = try text.write(table)
            #expect(written == Array(try JSONEncoder.canonical.encode(table)))
            #expect(try JSONDecoder().decode(RouteTable.self, from: Data(written)) == table)
        }
        var table = try RouteTableFixture.table()
        // The key itself within a string.
        table.certificates = [RoutedCertificate(chain: "/a\"services\":[]/chain", key: "/key")]
        try expect(table)
        try expect(table)
        try expect(RouteTable())
        let service = try #require(table.services.first)
        table.services = try (1...5).map { number in
            var other = service
            other.name = try #require(ServiceName("s\(number)"))
            return other
        }
        try expect(table)
        table.generation += 1
        table.services[3].releases.removeAll()
        try expect(table)
        table.services.remove(at: 0)
        table.services.swapAt(0, 2)
        try expect(table)
    }
}
