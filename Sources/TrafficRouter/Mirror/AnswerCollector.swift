import NIOCore

/// Keeps of one answer, as it passes, what the comparison needs.
struct AnswerCollector {
    private(set) var answer: ComparedAnswer
    private let limit: Int
    private var chunks = BodyReader(.chunked, keepsFraming: false)
    /// Framed bytes that are not read yet: at most part of a chunk's size line.
    private var framed = ByteBuffer()

    /// - Parameter options: `nil`: nothing is compared, and only the status is kept.
    init(_ head: ResponseHead, options: ComparisonOptions?) {
        var fields: [ComparedAnswer.Field] = []
        if let options {
            for field in head.fields {
                let name = head.string(field.name)
                guard options.wants(header: name) else { continue }
                fields.append(.init(name: name, value: Array(head.bytes[field.value])))
            }
        }
        answer = ComparedAnswer(status: head.status, fields: fields)
        limit = options.map { $0.comparesBodies ? $0.maxBodyBytes : 0 } ?? 0
    }

    /// - Parameter isFramed: the bytes are whole or partial chunks with their framing.
    mutating func append(_ buffer: ByteBuffer, isFramed: Bool) {
        // A body that is too long already is not compared, however much longer it gets.
        guard answer.isWhole else { return }
        guard isFramed else { return answer.appendBody(buffer.readableBytesUInt8Span, limit: limit) }
        framed.writeImmutableBuffer(buffer)
        while answer.isWhole, case .bytes(let piece, _)? = try? chunks.next(&framed) {
            answer.appendBody(piece.readableBytesUInt8Span, limit: limit)
        }
        if !answer.isWhole || framed.readableBytes == 0 { framed = ByteBuffer() }
    }
}
