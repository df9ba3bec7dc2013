import DeliveryAPI
import DeliveryModel

/// Reads the output of one attempt, a line at a time.
struct StageLogReader: Sendable {
    /// Longest line; a longer one is cut into several.
    static let lineBytes = 64 << 10

    let stage: String
    let number: Int
    let attempt: String
    private(set) var isDone = false
    private var offset = 0
    private var begun: [UInt8] = []

    init(stage: String, number: Int, attempt: String) {
        self.stage = stage
        self.number = number
        self.attempt = attempt
    }

    /// Whole lines that have come since; none when there is nothing new.
    mutating func next(_ driver: any StageDriver, limit: Int) async -> [PipelineLogLine] {
        guard !isDone else { return [] }
        let piece: StageOutputPiece
        do { piece = try await driver.output(of: attempt, from: offset, limit: limit) } catch {
            // It has not written anything yet, or its output was removed.
            return []
        }
        var lines: [PipelineLogLine] = []
        if piece.offset > offset {
            lines += flush()
            lines.append(line("[\(piece.offset - offset) bytes of output were not kept]"))
        }
        offset = piece.end
        for byte in piece.bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(line(String(decoding: begun, as: UTF8.self)))
                begun = []
            } else {
                begun.append(byte)
                if begun.count >= Self.lineBytes { lines += flush() }
            }
        }
        if piece.isLast {
            isDone = true
            lines += flush()
        }
        return lines
    }

    /// The last line when it has no line end.
    mutating func rest() -> PipelineLogLine? { flush().first }

    private mutating func flush() -> [PipelineLogLine] {
        guard !begun.isEmpty else { return [] }
        defer { begun = [] }
        return [line(String(decoding: begun, as: UTF8.self))]
    }

    private func line(_ text: String) -> PipelineLogLine {
        PipelineLogLine(stage: stage, attempt: number, line: text)
    }
}
