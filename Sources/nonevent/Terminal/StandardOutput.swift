import DeliveryModel
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Standard output, unbuffered, so that a reader that goes away is noticed at the next line.
enum StandardOutput {
    static func line(_ text: String) throws { try write(text + "\n") }

    /// - Throws: `OutputClosed` when nobody reads any more.
    static func write(_ text: String) throws {
        guard Descriptor.write(text, to: STDOUT_FILENO) else { throw OutputClosed() }
    }

    /// One JSON object on one line, its keys in order.
    static func json(_ value: some Encodable) throws {
        try line(String(decoding: try JSONEncoder.canonical.encode(value), as: UTF8.self))
    }
}

/// Standard error, for messages to a person.
enum StandardError {
    static func line(_ text: String) { _ = Descriptor.write(text + "\n", to: STDERR_FILENO) }
}

private enum Descriptor {
    static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                #if canImport(Glibc)
                    Glibc.write(descriptor, bytes.baseAddress, bytes.count)
                #elseif canImport(Musl)
                    Musl.write(descriptor, bytes.baseAddress, bytes.count)
                #else
                    Darwin.write(descriptor, bytes.baseAddress, bytes.count)
                #endif
            }
            if count < 0 {
                guard errno == EINTR || errno == EAGAIN else { return false }
                continue
            }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
