import Testing

@testable import TrafficRouter

/// Sound heads and bodies with random slips: nothing crashes, and what is taken is what it seems to be.
@Suite struct MutationTests {
    static let rounds = 1_500

    @Test(arguments: UInt64(1)...8) func requestsAgainstTheReference(_ seed: UInt64) {
        var mutator = Mutator(seed: seed)
        let sources = AcceptedRequests.all.map(\.bytes)
        var taken = 0
        for round in 0..<Self.rounds {
            let bytes = mutator.mutated(mutator.pick(sources))
            var scannedTo = 0
            let length = try? RequestHead.length(of: bytes.span, scannedTo: &scannedTo, limits: HeadLimits())
            guard let end = length.flatMap({ $0 }) else { continue }
            let head = RequestHead()
            let isTaken = (try? head.parse(bytes.span.extracting(0..<end), limits: HeadLimits())) != nil
            let received = Array(bytes[(bytes.starts(with: [13, 10]) ? 2 : 0)..<end])
            let reference = ReferenceHead(received)
            if isTaken {
                taken += 1
                if !reference.isSound || reference.framing != head.framing || Rebuilt.bytes(head) != received {
                    Issue.record("seed \(seed), round \(round): wrongly taken: \(received)")
                }
            } else if reference.isSound, reference.isPlain {
                Issue.record("seed \(seed), round \(round): wrongly refused: \(received)")
            }
        }
        // Else the slips are too coarse to show anything.
        #expect(taken > Self.rounds / 20)
    }

    @Test(arguments: UInt64(1)...4) func cutsOfAnything(_ seed: UInt64) {
        var mutator = Mutator(seed: seed &+ 100)
        let heads = AcceptedRequests.all.map(\.bytes)
        let bodies = ChunkCases.accepted.map(\.bytes)
        for round in 0..<Self.rounds {
            let head = mutator.mutated(mutator.pick(heads))
            let cuts = [mutator.below(head.count + 1), mutator.below(head.count + 1)].sorted()
            if Verdict.of(head, cuts: cuts) != Verdict.of(head) {
                Issue.record("seed \(seed), round \(round), cut at \(cuts): \(head)")
            }
            let body = mutator.mutated(mutator.pick(bodies))
            let places = [mutator.below(body.count + 1), mutator.below(body.count + 1)].sorted()
            if ChunkReading.of(body, cuts: places, RefusedLimits.limits) != ChunkReading.of(body, RefusedLimits.limits)
            {
                Issue.record("seed \(seed), round \(round), cut at \(places): \(body)")
            }
        }
    }

    /// A body that is taken is one that its own steps, written out again, make.
    @Test(arguments: UInt64(1)...4) func bodiesAreRebuiltFromTheirSteps(_ seed: UInt64) {
        var mutator = Mutator(seed: seed &+ 200)
        let sources = ChunkCases.accepted.map(\.bytes)
        for round in 0..<Self.rounds {
            let bytes = mutator.mutated(mutator.pick(sources))
            let reading = ChunkReading.of(bytes, HeadLimits())
            guard reading.length != nil, reading.data.count < 1 << 20 else { continue }
            let again = latin(String(reading.data.count, radix: 16) + "\r\n") + reading.data + latin("\r\n0\r\n\r\n")
            let isEmpty = reading.data.isEmpty
            let once = ChunkReading.of(isEmpty ? latin("0\r\n\r\n") : again, HeadLimits())
            if once.data != reading.data { Issue.record("seed \(seed), round \(round): \(bytes)") }
        }
    }

    @Test(arguments: UInt64(1)...4) func responsesAreRebuilt(_ seed: UInt64) {
        var mutator = Mutator(seed: seed &+ 300)
        let sources = ResponseCases.accepted.map(\.bytes)
        for round in 0..<Self.rounds {
            let bytes = mutator.mutated(mutator.pick(sources))
            let head = ResponseHead()
            guard (try? head.parse(bytes.span, limits: HeadLimits(), answering: .get)) != nil else { continue }
            if Rebuilt.bytes(head) != bytes { Issue.record("seed \(seed), round \(round): \(bytes)") }
        }
    }
}

/// Makes slips, the same ones for the same seed (SplitMix64).
struct Mutator: RandomNumberGenerator {
    private var state: UInt64

    static let pieces = [
        "\r\n", "\n", "\r", " ", "\t", "\0", ":", ",", ";", "=", "\"", "/", "?", "#", "*", "@", "[", "]", "%", "\u{80}",
        "\u{FF}", "\u{7F}", "0", "1", "a", "\r\n\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
        "Host: b\r\n", "Connection: close\r\n", "chunked", "HTTP/1.1", "HTTP/1.0", "http://a", "GET ", "0\r\n\r\n",
        "ffff",
    ].map(latin)

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed &>> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed &>> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed &>> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// `bytes` after one to three slips.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...below(3) where !bytes.isEmpty {
            let place = below(bytes.count)
            switch below(6) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: next())
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: pick(Self.pieces), at: place)
            case 3: bytes.insert(UInt8(truncatingIfNeeded: next()), at: place)
            case 4: bytes[place] ^= 0x20
            default:
                let slice = bytes[place..<min(bytes.count, place + 1 + below(24))]
                bytes.insert(contentsOf: slice, at: below(bytes.count))
            }
        }
        return bytes
    }
}
