@testable import TrafficRouter

/// One input of libFuzzer's: read as a request, as an answer and as a chunked body, with wide and with narrow limits.
///
/// Stops the process when something that must always hold does not.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    for limits in [HeadLimits(), Narrow.limits] {
        checkRequest(bytes, limits)
        checkChunks(bytes, limits)
    }
    checkResponse(bytes, .get)
    checkResponse(bytes, .head)
    return 0
}

enum Narrow {
    static let limits = HeadLimits(
        maxHeadBytes: 224, maxFields: 4, maxLineBytes: 64, maxFieldBytes: 48, maxChunkLineBytes: 32,
        maxTrailerBytes: 64,
        maxTrailers: 2)
}

/// Cuts that depend on the bytes only, so that a finding can be repeated: two places, and every place of short inputs.
private func cuts(_ bytes: [UInt8]) -> [[Int]] {
    guard !bytes.isEmpty else { return [[0]] }
    var mixed: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { mixed = (mixed ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let first = Int(mixed % UInt64(bytes.count))
    let second = Int((mixed >> 32) % UInt64(bytes.count))
    let every = bytes.count <= 512 ? Array(0...bytes.count) : []
    return [[first], [min(first, second), max(first, second)], every]
}

private func checkRequest(_ bytes: [UInt8], _ limits: HeadLimits) {
    let verdict = Verdict.of(bytes, limits)
    for cut in cuts(bytes) {
        precondition(Verdict.of(bytes, cuts: cut, limits) == verdict, "a cut at \(cut) changes the verdict")
    }
    var scannedTo = 0
    let length = try? RequestHead.length(of: bytes.span, scannedTo: &scannedTo, limits: limits)
    let head = RequestHead()
    // Heads that are cut off or go on must be refused, not crash.
    try? head.parse(bytes.span, limits: limits)
    guard let end = length.flatMap({ $0 }) else { return }
    let received = Array(bytes[(bytes.starts(with: [13, 10]) ? 2 : 0)..<end])
    let reference = ReferenceHead(received)
    guard case .accepted(let meaning, end) = verdict else {
        let isWithinLimits =
            limits != Narrow.limits && received.count < 10_000 && reference.fieldCount <= limits.maxFields
        precondition(!(reference.isSound && reference.isPlain && isWithinLimits), "wrongly refused")
        return
    }
    precondition(reference.isSound, "wrongly taken")
    try? head.parse(received.span, limits: limits)
    precondition(head.bytes == received && head.meaning == meaning, "the head is not read alike twice")
    precondition(Rebuilt.bytes(head) == received, "the ranges do not make up the head")
    precondition(head.framing == reference.framing, "the framing is wrong")
    precondition(head.fields.count <= limits.maxFields)
    checkLookups(head)
}

private func checkLookups(_ head: RequestHead) {
    for field in head.fields {
        let name = head.bytes[field.name].map(\.lowercased)
        precondition(head.value(named: name) != nil)
        precondition(field.id == .other || head.first(field.id) != nil)
        _ = head.isConnectionOption(field)
    }
    for name in [[UInt8](), [97], Array("nonevent-key".utf8)] {
        for range in [head.cookie(named: name), head.queryValue(named: name), head.value(named: name)] {
            precondition(range.map { $0.upperBound <= head.bytes.count } ?? true)
        }
    }
    precondition(head.isHost(head.bytes[head.hostName].map(\.lowercased)))
    precondition(head.hostName.isEmpty == (head.host.isEmpty && head.authority == nil))
}

private func checkResponse(_ bytes: [UInt8], _ method: RequestMethod) {
    let reading = ResponseReading.of(bytes, method)
    for cut in cuts(bytes) {
        precondition(ResponseReading.of(bytes, cuts: cut, method) == reading, "a cut at \(cut) changes the reading")
    }
    let head = ResponseHead()
    guard (try? head.parse(bytes.span, limits: HeadLimits(), answering: method)) != nil else { return }
    precondition(Rebuilt.bytes(head) == bytes, "the ranges do not make up the head")
    precondition(!(head.framing == .untilClose && head.keepsAlive))
    precondition(method != .head || head.framing == .none)
}

private func checkChunks(_ bytes: [UInt8], _ limits: HeadLimits) {
    let reading = ChunkReading.of(bytes, limits)
    precondition(!reading.steps.contains { $0.hasPrefix("gap") || $0.hasPrefix("wrong") }, "steps do not follow")
    for cut in cuts(bytes) {
        precondition(ChunkReading.of(bytes, cuts: cut, limits) == reading, "a cut at \(cut) changes the reading")
    }
    guard let length = reading.length else { return }
    precondition(length <= bytes.count && reading.steps.last == "end")
    let sizes = reading.steps.compactMap { step in
        step.hasPrefix("line ") ? step.split(separator: " ").dropFirst().first.flatMap { Int($0) } : nil
    }
    precondition(sizes.reduce(0, +) == reading.data.count, "data were lost")
    // What stands behind the body is not looked at.
    precondition(ChunkReading.of(Array(bytes[..<length]), limits) == reading)
}
