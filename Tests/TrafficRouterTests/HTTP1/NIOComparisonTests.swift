import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import TrafficRouter

/// The same bytes through this parser and through SwiftNIO's codec (llhttp): what both take must mean the same. That
/// only one of them takes a request is no fault: this parser is meant to be the stricter one.
@Suite struct NIOComparisonTests {
    /// What a parser understood of one request.
    private struct Understood: Equatable, CustomStringConvertible {
        var method = ""
        var target = ""
        var version = ""
        /// Name in small letters, and value.
        var fields: [String] = []
        var body: [UInt8] = []
        var trailers: [String] = []

        var description: String {
            "\(method) \(target) \(version) \(fields) \(String(decoding: body.prefix(200), as: UTF8.self)) \(trailers)"
        }
    }

    @Test(arguments: UInt64(1)...4) func mutatedRequestsMeanTheSame(_ seed: UInt64) throws {
        var mutator = Mutator(seed: seed &+ 500)
        let sources = Self.whole
        var both = 0
        for round in 0..<20_000 {
            let bytes = round < sources.count ? sources[round] : mutator.mutated(mutator.pick(sources))
            guard let ours = Self.ours(bytes), let theirs = Self.theirs(bytes) else { continue }
            both += 1
            if ours != theirs {
                let text = String(decoding: bytes, as: UTF8.self)
                Issue.record("seed \(seed), round \(round): \(text)\nours \(ours)\nNIO's \(theirs)")
            }
        }
        // Else nothing was compared.
        #expect(both > 500)
    }

    /// Heads that are taken, with the bodies that they announce.
    private static let whole: [[UInt8]] = AcceptedRequests.all.map(\.bytes).flatMap { bytes -> [[UInt8]] in
        let head = RequestHead()
        guard (try? head.parse(bytes.span, limits: HeadLimits())) != nil else { return [] }
        switch head.framing {
        case .length(let count) where count <= 4_096:
            return [bytes + (0..<Int(count)).map { UInt8(ascii: "a") + UInt8($0 % 26) }]
        case .chunked:
            return ["0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n"].map {
                bytes + latin($0)
            }
        case .none: return [bytes]
        default: return []
        }
    }

    private static func ours(_ bytes: [UInt8]) -> Understood? {
        var scannedTo = 0
        guard
            let end = (try? RequestHead.length(of: bytes.span, scannedTo: &scannedTo, limits: HeadLimits())) ?? nil
        else { return nil }
        let head = RequestHead()
        guard (try? head.parse(bytes.span.extracting(0..<end), limits: HeadLimits())) != nil else { return nil }
        func text(_ range: Range<Int>) -> String { String(decoding: head.bytes[range], as: UTF8.self) }
        var understood = Understood(
            method: text(head.methodRange), target: text(head.target), version: head.isHTTP10 ? "1.0" : "1.1",
            fields: head.fields.map { text($0.name).lowercased() + ": " + text($0.value) })
        let rest = Array(bytes[end...])
        switch head.framing {
        case .length(let count):
            guard UInt64(rest.count) >= count else { return nil }
            understood.body = Array(rest.prefix(Int(count)))
        case .chunked:
            var decoder = ChunkedDecoder()
            var from = 0
            while !decoder.isAtEnd {
                guard let step = try? decoder.next(rest.span, from: from), let range = step.range else { return nil }
                switch step {
                case .data(let data): understood.body += rest[data]
                // What may not stand in a trailer is dropped here, and not by NIO.
                case .trailer(let name, let value, _, _):
                    understood.trailers.append(
                        String(decoding: rest[name], as: UTF8.self).lowercased() + ": "
                            + String(decoding: rest[value], as: UTF8.self))
                default: break
                }
                from = range.upperBound
            }
        default: break
        }
        return understood
    }

    /// Blanks around a value are none of it (RFC 9110, section 5.5); NIO leaves tabs behind it.
    private static func trimmed(_ value: String) -> String {
        let bytes = Array(value.utf8)
        guard let first = bytes.firstIndex(where: { $0 != 32 && $0 != 9 }),
            let last = bytes.lastIndex(where: { $0 != 32 && $0 != 9 })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    private static func theirs(_ bytes: [UInt8]) -> Understood? {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        do { try channel.writeInbound(ByteBuffer(bytes: bytes)) } catch { return nil }
        var understood = Understood()
        var isWhole = false
        while !isWhole, let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                // NIO's name for it lacks the hyphen.
                understood.method = head.method == .MSEARCH ? "M-SEARCH" : head.method.rawValue
                understood.target = head.uri
                understood.version = "\(head.version.major).\(head.version.minor)"
                understood.fields = head.headers.map { $0.name.lowercased() + ": " + trimmed($0.value) }
            case .body(let body): understood.body += Array(body.readableBytesView)
            case .end(let trailers):
                understood.trailers = (trailers ?? [:]).map { $0.name.lowercased() + ": " + trimmed($0.value) }
                isWhole = true
            }
        }
        return isWhole ? understood : nil
    }
}
