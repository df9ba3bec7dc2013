#if canImport(NIOHPACK)
    import NIOCore
    import NIOHPACK
    import Testing

    @testable import TrafficRouter

    /// Against another compressor, both ways.
    struct HPACKPeerTests {
        @Test("what NIO's encoder writes, with and without Huffman, is read the same over many blocks")
        func otherEncoder() throws {
            var random = SystemRandomNumberGenerator()
            for useHuffman in [true, false] {
                var encoder = NIOHPACK.HPACKEncoder(
                    allocator: ByteBufferAllocator(), useHuffmanEncoding: useHuffman)
                var decoder = OwnDecoder(tableBytes: 4_096)
                for _ in 0..<400 {
                    let fields = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                        let value = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                            UInt8.random(in: 32...126, using: &random)
                        }
                        return (Self.names.randomElement(using: &random) ?? "a", String(decoding: value, as: UTF8.self))
                    }
                    var buffer = ByteBuffer()
                    try encoder.encode(headers: HPACKHeaders(fields), to: &buffer)
                    #expect(try decoder.lines(Array(buffer.readableBytesView)) == fields.map { "\($0): \($1)" })
                }
            }
        }

        @Test("what is written here, NIO's decoder reads")
        func otherDecoder() throws {
            var decoder = NIOHPACK.HPACKDecoder(allocator: ByteBufferAllocator())
            var block: [UInt8] = []
            OwnEncoder.writeStatus(418, to: &block)
            let long = String(repeating: "v", count: 500)
            for (name, value) in [("Content-Type", "text/plain"), ("x-long", long)] {
                OwnEncoder.writeField(name: Array(name.utf8).span, value: Array(value.utf8).span, to: &block)
            }
            var buffer = ByteBuffer(bytes: block)
            let fields = try decoder.decodeHeaders(from: &buffer)
            #expect(fields.map(\.name) == [":status", "content-type", "x-long"])
            #expect(fields.map(\.value) == ["418", "text/plain", long])
        }

        private static let names = [
            "accept", "user-agent", "x-a", "x-b", "cookie", "content-type", "via", "x-some-longer-name", "etag",
        ]
    }
#endif
