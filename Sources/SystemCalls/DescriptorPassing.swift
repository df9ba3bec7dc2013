import Glibc
public import SystemPackage

/// Open files sent from process to process over a Unix socket (unix(7), SCM_RIGHTS).
public enum DescriptorPassing {
    /// Descriptors in one message.
    public static let maxDescriptors = 8

    /// Sends `bytes`, at least one, and with the first of them the descriptors, which stay open here too.
    public static func send(_ bytes: [UInt8], descriptors: [CInt], over socket: CInt) throws(Errno) {
        var control = controlMessage(descriptors)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { part in
                control.withUnsafeMutableBytes { control in
                    // Descriptors go with the first part only.
                    message(part, sent == 0 ? control : nil) { sendmsg(socket, $0, CInt(MSG_NOSIGNAL)) }
                }
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Errno(rawValue: errno) }
            sent += count
        }
    }

    /// Receives up to `limit` bytes, and the descriptors that came with them, which are the caller's to close.
    ///
    /// - Returns: no bytes at the end of the stream.
    public static func receive(
        upTo limit: Int, over socket: CInt
    ) throws(Errno) -> (bytes: [UInt8], descriptors: [CInt]) {
        var bytes = [UInt8](repeating: 0, count: limit)
        var control = [UInt8](repeating: 0, count: space(maxDescriptors))
        var controlLength = 0
        var count = -1
        repeat {
            count = bytes.withUnsafeMutableBytes { part in
                control.withUnsafeMutableBytes { control in
                    message(UnsafeRawBufferPointer(part), control) { header in
                        let count = recvmsg(socket, header, CInt(MSG_CMSG_CLOEXEC))
                        controlLength = count > 0 ? Int(header.pointee.msg_controllen) : 0
                        return count
                    }
                }
            }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw Errno(rawValue: errno) }
        return (Array(bytes.prefix(count)), descriptors(in: control.prefix(controlLength)))
    }

    // MARK: Layout: a header, then the descriptors; both aligned to words, as the system's macros do, which Swift
    // lacks.

    private static let headerSize = align(MemoryLayout<cmsghdr>.size)

    private static func align(_ size: Int) -> Int {
        let word = MemoryLayout<Int>.size
        return (size + word - 1) & ~(word - 1)
    }

    private static func space(_ count: Int) -> Int { headerSize + align(count * MemoryLayout<CInt>.size) }

    private static func controlMessage(_ descriptors: [CInt]) -> [UInt8] {
        guard !descriptors.isEmpty else { return [] }
        var control = [UInt8](repeating: 0, count: space(descriptors.count))
        var header = cmsghdr()
        header.cmsg_len = numericCast(headerSize + descriptors.count * MemoryLayout<CInt>.size)
        header.cmsg_level = SOL_SOCKET
        header.cmsg_type = CInt(SCM_RIGHTS)
        control.withUnsafeMutableBytes { control in
            control.storeBytes(of: header, as: cmsghdr.self)
            for (index, descriptor) in descriptors.enumerated() {
                control.storeBytes(
                    of: descriptor, toByteOffset: headerSize + index * MemoryLayout<CInt>.size, as: CInt.self)
            }
        }
        return control
    }

    private static func descriptors(in control: ArraySlice<UInt8>) -> [CInt] {
        guard control.count >= headerSize else { return [] }
        return control.withUnsafeBytes { control in
            let header = control.loadUnaligned(as: cmsghdr.self)
            guard header.cmsg_level == SOL_SOCKET, header.cmsg_type == CInt(SCM_RIGHTS) else { return [] }
            let end = min(Int(header.cmsg_len), control.count)
            return stride(from: headerSize, to: end, by: MemoryLayout<CInt>.size).map {
                control.loadUnaligned(fromByteOffset: $0, as: CInt.self)
            }
        }
    }

    private static func message(
        _ part: UnsafeRawBufferPointer, _ control: UnsafeMutableRawBufferPointer?,
        _ body: (UnsafeMutablePointer<msghdr>) -> Int
    ) -> Int {
        var vector = iovec(iov_base: UnsafeMutableRawPointer(mutating: part.baseAddress), iov_len: part.count)
        return withUnsafeMutablePointer(to: &vector) { vector in
            var header = msghdr()
            header.msg_iov = vector
            header.msg_iovlen = 1
            if let control, !control.isEmpty {
                header.msg_control = control.baseAddress
                header.msg_controllen = numericCast(control.count)
            }
            return body(&header)
        }
    }
}
