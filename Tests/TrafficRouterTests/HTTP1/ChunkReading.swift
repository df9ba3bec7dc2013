@testable import TrafficRouter

/// What a chunked body says, however it is cut.
struct ChunkReading: Equatable {
    /// `line 5`, `line 5 extension`, `data`, `end`, `trailer a=b`, `dropped a=b`.
    var steps: [String] = []
    var data: [UInt8] = []
    /// How many bytes belong to the body.
    var length: Int?
    var flaw: HeadFlaw.Code?

    /// - Parameter cuts: how many bytes there are each time before all are.
    static func of(_ bytes: [UInt8], cuts: [Int] = [], _ limits: HeadLimits) -> ChunkReading {
        var reading = ChunkReading()
        var decoder = ChunkedDecoder()
        var from = 0
        do throws(HeadFlaw) {
            for count in cuts + [bytes.count] where count >= from {
                let input = bytes.span.extracting(0..<count)
                while !decoder.isAtEnd,
                    let range = try reading.note(decoder.next(input, from: from, limits: limits), bytes)
                {
                    // The steps lie one behind the other.
                    guard range.lowerBound == from, range.upperBound <= count else {
                        reading.steps.append("gap at \(from)")
                        return reading
                    }
                    from = range.upperBound
                }
            }
            reading.length = decoder.isAtEnd ? from : nil
        } catch {
            reading.flaw = error.code
        }
        return reading
    }

    private mutating func note(_ step: ChunkedDecoder.Step, _ bytes: [UInt8]) -> Range<Int>? {
        switch step {
        case .line(_, let hasExtension, let size): steps.append("line \(size)" + (hasExtension ? " extension" : ""))
        case .data(let range): data += bytes[range]
        case .dataEnd(let range): steps.append(bytes[range].elementsEqual([13, 10]) ? "data end" : "wrong data end")
        case .trailer(let name, let value, _, let isAllowed):
            let text = String(decoding: bytes[name] + [61] + bytes[value], as: UTF8.self)
            steps.append((isAllowed ? "trailer " : "dropped ") + text)
        case .end: steps.append("end")
        case .needMore: break
        }
        return step.range
    }
}
