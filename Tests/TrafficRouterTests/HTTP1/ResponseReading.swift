@testable import TrafficRouter

/// What becomes of bytes that an instance sends.
enum ResponseReading: Equatable {
    case refused(HeadFlaw.Code, Int)
    case accepted(Int, String, BodyFraming, keepsAlive: Bool)
    case incomplete

    static func of(_ bytes: [UInt8], cuts: [Int] = [], _ method: RequestMethod) -> ResponseReading {
        let limits = HeadLimits()
        var scannedTo = 0
        do throws(HeadFlaw) {
            for count in cuts + [bytes.count] {
                let input = bytes.span.extracting(0..<count)
                guard let length = try ResponseHead.length(of: input, scannedTo: &scannedTo, limits: limits) else {
                    continue
                }
                let head = ResponseHead()
                try head.parse(input.extracting(0..<length), limits: limits, answering: method)
                return .accepted(head.status, head.string(head.reason), head.framing, keepsAlive: head.keepsAlive)
            }
            return .incomplete
        } catch {
            return .refused(error.code, error.status)
        }
    }
}
