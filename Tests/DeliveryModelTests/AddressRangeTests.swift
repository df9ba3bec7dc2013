import DeliveryModel
import Foundation
import Testing

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0/8"), ("0.0.0.0/0", "0.0.0.0/0"), ("192.0.2.1", "192.0.2.1/32"),
        ("192.0.2.128/25", "192.0.2.128/25"), ("2001:DB8::/32", "2001:db8::/32"), ("::/0", "::/0"), ("::1", "::1/128"),
        ("2001:db8:0:0:8000::/65", "2001:db8:0:0:8000::/65"), ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
    ])
    func rangesAreReadAndWritten(text: String, canonical: String) throws {
        let range = try #require(AddressRange(text))
        #expect(range.description == canonical)
        #expect(try JSONDecoder().decode([AddressRange].self, from: JSONEncoder().encode([range])) == [range])
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0/8", "10.0.0.0/ 8",
        "::/129", "::ffff:10.0.0.0/95", "10.0.0.0/٨", "localhost", "10.0.0.0/1e1",
    ])
    func whatIsNoRangeIsRefused(text: String) {
        #expect(AddressRange(text) == nil && AddressRange.around(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.1/8", "10.0.0.0/8"), ("192.0.2.129/25", "192.0.2.128/25"), ("2001:db8::1/64", "2001:db8::/64"),
        ("1.2.3.4/0", "0.0.0.0/0"),
    ])
    func bitsAfterThePrefixAreRefusedWithWhatIsMeant(text: String, meant: String) throws {
        #expect(AddressRange(text) == nil)
        #expect(AddressRange.around(text)?.description == meant)
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([AddressRange].self, from: Data(#"["\#(text)"]"#.utf8))
        }
        guard case .dataCorrupted(let context)? = error else { return #expect(Bool(false)) }
        #expect(
            context.debugDescription == "'\(text)' is not an address range such as 10.0.0.0/8, 2001:db8::/32 or "
                + "192.0.2.1; write \(meant)")
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "9.255.255.255", false),
        ("0.0.0.0/0", "255.1.2.3", true), ("0.0.0.0/0", "::1", false), ("::/0", "::1", true),
        ("::/0", "1.2.3.4", false),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.0", false), ("10.0.0.0/31", "10.0.0.1", true),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::", false), ("2001:db8::/64", "2001:db8::ffff:0:0:1", true),
        ("2001:db8::/64", "2001:db8:0:1::", false), ("2001:db8::8000:0:0:0/65", "2001:db8::8000:0:0:1", true),
        ("2001:db8::8000:0:0:0/65", "2001:db8::7fff:0:0:1", false), ("::1", "::1", true), ("::1", "::2", false),
        ("2001:db8::/63", "2001:db8:0:1::", true), ("2001:db8::/63", "2001:db8:0:2::", false),
    ])
    func membersAreTold(range: String, address: String, isInside: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(IPAddress(address))) == isInside)
    }

    @Test func membersAreToldByBytes() throws {
        let range = try #require(AddressRange("10.0.0.0/8"))
        #expect(range.contains([10, 1, 2, 3] as [UInt8]) && !range.contains([11, 1, 2, 3] as [UInt8]))
        #expect(!range.contains([10, 1, 2] as [UInt8]), "three bytes are no address")
    }

    @Test func rangesAreBroughtIntoBounds() throws {
        let address = try #require(IPAddress("10.1.2.3"))
        #expect(AddressRange(covering: address, prefixLength: 99).description == "10.1.2.3/32")
        #expect(AddressRange(covering: address, prefixLength: -1).description == "0.0.0.0/0")
    }
}
