import Testing

@testable import TrafficRouter

/// Against RFC 7541's examples.
struct HPACKTests {
    private func decode(_ hex: String, _ decoder: inout HPACKDecoder) throws -> [String] {
        let digits = hex.filter { $0.isHexDigit }.map { UInt8($0.hexDigitValue ?? 0) }
        let bytes = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        return try decode(bytes, &decoder)
    }

    private func decode(_ bytes: [UInt8], _ decoder: inout HPACKDecoder) throws -> [String] {
        try decoder.lines(bytes)
    }

    @Test("RFC 7541, appendix C.3 and C.4: requests, plain and by the Huffman code")
    func requestExamples() throws {
        var plain = HPACKDecoder(tableBytes: 4_096)
        var coded = HPACKDecoder(tableBytes: 4_096)
        let expected = [
            [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"],
            [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"],
            [
                ":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com",
                "custom-key: custom-value",
            ],
        ]
        let plainBlocks = [
            "828684410f7777772e6578616d706c652e636f6d", "828684be58086e6f2d6361636865",
            "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        ]
        let codedBlocks = [
            "828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf",
            "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
        ]
        for index in 0..<3 {
            #expect(try decode(plainBlocks[index], &plain) == expected[index])
            #expect(try decode(codedBlocks[index], &coded) == expected[index])
        }
    }

    @Test("RFC 7541, appendix C.6: a table of 256 bytes evicts")
    func evictionExample() throws {
        var decoder = HPACKDecoder(tableBytes: 256)
        let first = [
            ":status: 302", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT",
            "location: https://www.example.com",
        ]
        #expect(
            try decode(
                "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad"
                    + "171863c78f0b97c8e9ae82ae43d3",
                &decoder) == first)
        #expect(try decode("4883640effc1c0bf", &decoder) == [":status: 307"] + first.dropFirst())
        #expect(
            try decode(
                "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2"
                    + "e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
                &decoder) == [
                    ":status: 200", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT",
                    "location: https://www.example.com", "content-encoding: gzip",
                    "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
                ])
    }

    @Test(
        "blocks that nobody can read end the connection",
        arguments: [
            "80", "be", "ff8080808080808001", "40", "4003616263", "400361626385ff", "3fe21f", "82 3f e1 1f",
            // The end symbol within a text, and padding of a whole byte or of zeros.
            "0084ffffffff00", "008300ffff00", "0081fe00",
        ])
    func malformed(_ hex: String) {
        var decoder = HPACKDecoder(tableBytes: 4_096)
        #expect(throws: HTTP2Flaw(.compressionError, .compression)) { try decode(hex, &decoder) }
    }

    @Test("every name of the static table is found, letters of any case")
    func names() {
        for (index, field) in HPACKStaticTable.fields.enumerated() {
            let first = HPACKStaticTable.fields.firstIndex { $0.0 == field.0 }
            #expect(HPACKNameIndex.standard.find(Array(field.0.uppercased().utf8).span) == (first ?? index) + 1)
        }
        #expect(HPACKNameIndex.standard.find(Array("x-other".utf8).span) == 0)
    }

    @Test("too many and too large fields are left out, and the table stays in step")
    func cutList() throws {
        var decoder = HPACKDecoder(tableBytes: 4_096)
        var list = HeaderList()
        list.maxBytes = 100
        var block = Block.fields([("a", String(repeating: "x", count: 80))])
        block += [0x40, 1, UInt8(ascii: "k"), 1, UInt8(ascii: "v")]
        try decoder.decode(block.span, into: &list)
        #expect(list.isCut)
        #expect(list.entries.isEmpty)
        #expect(try decode([0xBE], &decoder) == ["k: v"])
    }
}

/// Under another name, for the tests that import NIO's decoder too.
typealias OwnDecoder = HPACKDecoder
typealias OwnEncoder = HPACKEncoder

extension HPACKDecoder {
    /// The fields of a block as text.
    mutating func lines(_ bytes: [UInt8]) throws -> [String] {
        var list = HeaderList()
        try decode(bytes.span, into: &list)
        return list.entries.map { "\(list.string($0.name)): \(list.string($0.value))" }
    }
}
