/// How gRPC tells the outcome of a call: in the field `grpc-status`, behind the body or, in an answer without one, in
/// its head. The HTTP status is 200 even when the call failed
/// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
enum GRPCStatus {
    /// Codes that say that the server failed, and not that it refused what the client wanted.
    private static let failures: Set<Int> = [
        2,  // UNKNOWN: what servers make of an exception.
        4,  // DEADLINE_EXCEEDED
        12,  // UNIMPLEMENTED
        13,  // INTERNAL
        14,  // UNAVAILABLE
        15,  // DATA_LOSS
    ]

    /// Whether an answer tells that the server failed.
    ///
    /// - Parameters:
    ///   - head: of an answer whose status is 200.
    ///   - trailers: empty, too, as long as they have not come.
    /// - Returns: false for what is not gRPC's, and for an answer that tells nothing.
    static func tellsFailure(_ head: ResponseHead, _ trailers: [TrailerField]) -> Bool {
        guard let type = head.value(named: "content-type"), isGRPC(head.bytes[type]) else { return false }
        if let field = trailers.last(where: { $0.name == "grpc-status" }) { return isFailure(field.value.utf8) }
        guard let value = head.value(named: "grpc-status") else { return false }
        return isFailure(head.bytes[value])
    }

    /// Whether a value of `grpc-status` says that the server failed. One that is no number counts as UNKNOWN, as
    /// gRPC's clients have it.
    static func isFailure(_ value: some Collection<UInt8>) -> Bool {
        guard !value.isEmpty, value.count <= 3, value.allSatisfy(\.isDigit) else { return true }
        return failures.contains(value.reduce(0) { $0 * 10 + Int($1 - Byte.zero) })
    }

    /// `application/grpc`, alone or with `+proto` or parameters; not gRPC-Web, which has its status in the body.
    static func isGRPC(_ type: some Collection<UInt8>) -> Bool {
        let prefix: StaticString = "application/grpc"
        let count = prefix.utf8CodeUnitCount
        let isAlike = type.prefix(count).elementsEqual(
            UnsafeBufferPointer(start: prefix.utf8Start, count: count), by: { $0.lowercased == $1 })
        guard isAlike else { return false }
        guard let next = type.dropFirst(count).first else { return true }
        return next == UInt8(ascii: "+") || next == UInt8(ascii: ";") || next == Byte.space
    }
}
